import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.RESTCatalogAdapter;
import org.apache.iceberg.rest.RESTCatalogServlet;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

/**
 * Iceberg's REST catalog on 127.0.0.1:REST_PORT, or on REST_HOST where a network of containers shields it; its other
 * settings are the same CATALOG_* variables that RESTCatalogServer reads.
 *
 * <p>RESTCatalogServer itself listens on every address, knows no passwords and logs that of its database. Here every
 * request but GET /health must carry the bearer token CATALOG_TOKEN, and nothing may lie outside of the warehouse
 * (docs/decisions/0046). Janino, which Spark ships, compiles this file when the service starts, so no JDK is needed.
 */
public class LoopbackCatalog {
  public static void main(String[] arguments) throws Exception {
    Map settings = settings(System.getenv());
    String token = (String) settings.remove("token");
    if (token == null || token.isEmpty()) {
      throw new IllegalArgumentException("CATALOG_TOKEN is empty: set what clients of the catalog must send");
    }
    String name = (String) settings.get("catalog.name");
    Configuration hadoop = new Configuration();
    hadoop.set("fs.permissions.umask-mode", "077"); // it does not heed the umask of its process
    JdbcCatalog catalog = new JdbcCatalog(new CheckedFiles(hadoop), null, true);
    catalog.initialize(name, settings);

    ServletContextHandler handler = new ServletContextHandler();
    Guard guard = new Guard(token, new Warehouse((String) settings.get("warehouse")));
    handler.addFilter(new FilterHolder(guard), "/*", EnumSet.of(DispatcherType.REQUEST));
    handler.addServlet(new ServletHolder(new RESTCatalogServlet(new RESTCatalogAdapter((Catalog) catalog))), "/*");

    int port = Integer.parseInt((String) settings.get("rest.port"));
    String host = settings.containsKey("rest.host") ? (String) settings.get("rest.host") : "127.0.0.1";
    Server server = new Server(new InetSocketAddress(host, port));
    server.setHandler(handler);
    server.start();
    server.join();
  }

  /** CATALOG_JDBC_SCHEMA__VERSION=V1 as jdbc.schema-version=V1: the spelling of RESTCatalogServer. */
  private static Map settings(Map environment) {
    Map settings = new HashMap();
    for (Iterator names = environment.keySet().iterator(); names.hasNext(); ) {
      String name = (String) names.next();
      if (name.startsWith("CATALOG_")) {
        String key = name.substring("CATALOG_".length()).replace("__", "-").replace("_", ".").toLowerCase();
        settings.put(key, environment.get(name));
      }
    }
    return settings;
  }

  /** Lets a request through that carries the token, is one that our clients have, and names no place outside. */
  public static class Guard implements Filter {
    private static final int MOST_BYTES = 4 << 20;
    private static final Pattern POSTED = Pattern.compile(
        "/v1/(namespaces|namespaces/[^/]+/(properties|tables|tables/[^/]+|tables/[^/]+/metrics)|tables/rename|transactions/commit)");
    private static final Pattern DELETED = Pattern.compile("/v1/namespaces/[^/]+(/tables/[^/]+)?");
    private static final Pattern PLACE = Pattern.compile("(^|.*[-._])(location|path|manifest-list)|manifests");
    private static final Pattern CODE = Pattern.compile("(^|.*[-.])impl");
    private static final Pattern NO_NAME = Pattern.compile("\\.{1,2}|.*[/\\\\\\p{Cntrl}].*", Pattern.DOTALL);

    private final byte[] authorization;
    private final Warehouse warehouse;
    // A key that stands twice could be one thing here and another to Iceberg.
    private final ObjectMapper json = new ObjectMapper(new JsonFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION));

    public Guard(String token, Warehouse warehouse) {
      this.authorization = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
      this.warehouse = warehouse;
    }

    public void init(FilterConfig config) {}

    public void destroy() {}

    public void doFilter(ServletRequest asked, ServletResponse answered, FilterChain chain)
        throws IOException, ServletException {
      HttpServletRequest request = (HttpServletRequest) asked;
      HttpServletResponse response = (HttpServletResponse) answered;
      if (request.getMethod().equals("GET") && request.getRequestURI().equals("/health")) {
        response.getWriter().write("{}");
      } else if (!hasToken(request.getHeader("Authorization"))) {
        response.setHeader("WWW-Authenticate", "Bearer");
        refuse(response, 401, "NotAuthorizedException", "the catalog asks for its token, CATALOG_TOKEN of this checkout's secrets");
      } else {
        try {
          chain.doFilter(checked(request), response);
        } catch (ForbiddenException error) {
          refuse(response, 403, "ForbiddenException", error.getMessage());
        } catch (JsonProcessingException error) {
          refuse(response, 400, "BadRequestException", "the body is no JSON: " + error.getOriginalMessage());
        }
      }
    }

    private boolean hasToken(String header) {
      return header != null && MessageDigest.isEqual(authorization, header.getBytes(StandardCharsets.UTF_8));
    }

    /** The same request, its body read and looked through. */
    private HttpServletRequest checked(HttpServletRequest request) throws IOException {
      String path = request.getRequestURI();
      String[] segments = path.split("[/\u001f]|%1[fF]");
      for (int number = 1; number < segments.length; number++) {
        checkName(URLDecoder.decode(segments[number], "UTF-8"));
      }
      if (request.getMethod().equals("POST")) {
        allow(POSTED.matcher(path).matches(), "POST " + path + " is nothing that this catalog does");
        byte[] body = request.getInputStream().readNBytes(MOST_BYTES + 1);
        allow(body.length <= MOST_BYTES, "a request of more than " + MOST_BYTES + " bytes");
        checkValue("", json.readTree(body));
        return new Read(request, new String(body, StandardCharsets.UTF_8));
      }
      if (request.getMethod().equals("DELETE")) {
        allow(DELETED.matcher(path).matches(), "DELETE " + path + " is nothing that this catalog does");
        String purge = request.getParameter("purgeRequested");
        allow(purge == null || purge.equalsIgnoreCase("false"), "purge: this catalog deletes no files; drop the table, and its folder by hand");
      }
      return request;
    }

    private void checkValue(String key, JsonNode value) {
      allow(!CODE.matcher(key).matches(), key + " names code to run");
      if (value.isTextual() && PLACE.matcher(key).matches()) {
        allow(warehouse.holds(value.asText()), key + " " + value.asText() + " is not below the warehouse " + warehouse.root);
      }
      if (value.isTextual() && (key.equals("name") || key.equals("namespace"))) {
        checkName(value.asText());
      }
      for (Iterator elements = value.isArray() ? value.elements() : null; elements != null && elements.hasNext(); ) {
        checkValue(key, (JsonNode) elements.next());
      }
      for (Iterator fields = value.fields(); fields.hasNext(); ) {
        Map.Entry field = (Map.Entry) fields.next();
        checkValue((String) field.getKey(), (JsonNode) field.getValue());
      }
    }

    /** A name becomes a folder of the warehouse. */
    private static void checkName(String name) {
      allow(!NO_NAME.matcher(name).matches(), "the name '" + name + "' leads out of its folder");
    }

    private static void allow(boolean isAllowed, String refused) {
      if (!isAllowed) {
        throw new ForbiddenException("Refused: %s", new Object[] {refused});
      }
    }

    private void refuse(HttpServletResponse response, int code, String type, String message) throws IOException {
      Map error = new HashMap();
      error.put("code", Integer.valueOf(code));
      error.put("type", type);
      error.put("message", message);
      response.setStatus(code);
      response.setContentType("application/json");
      json.writeValue(response.getWriter(), java.util.Collections.singletonMap("error", error));
    }
  }

  /** A request whose body was read. */
  public static class Read extends HttpServletRequestWrapper {
    private final String body;

    public Read(HttpServletRequest request, String body) {
      super(request);
      this.body = body;
    }

    public BufferedReader getReader() {
      return new BufferedReader(new StringReader(body));
    }
  }

  /** The folder or bucket of the tables. */
  public static class Warehouse {
    public final String root;

    public Warehouse(String uri) throws IOException {
      root = uri.replaceAll("/+$", "");
      if (local(root) != null) {
        Files.createDirectories(Paths.get(local(root)));
      }
    }

    /** True if the location lies below the warehouse: as it is written and, of a file, where its links lead. */
    public boolean holds(String location) {
      boolean isLocal = local(root) != null;
      String top = isLocal ? local(root) : root;
      String place = isLocal ? local(location) : location;
      if (place == null || !place.startsWith(top + "/")) {
        return false;
      }
      String below = place.substring(top.length() + 1).replaceAll("/$", "");
      String[] names = below.split("/", -1);
      for (int number = 0; number < names.length; number++) {
        if (names[number].isEmpty() || names[number].matches("(?s)\\.{1,2}|.*[%\\\\?#\\p{Cntrl}].*")) {
          return false;
        }
      }
      return !isLocal || leadsInside(Paths.get(top), Paths.get(place));
    }

    private static boolean leadsInside(Path top, Path place) {
      Path there = place;
      while (!Files.exists(there, new LinkOption[] {LinkOption.NOFOLLOW_LINKS})) {
        there = there.getParent();
      }
      try {
        return there.toRealPath(new LinkOption[0]).startsWith(top.toRealPath(new LinkOption[0]));
      } catch (IOException dangling) {
        return false;
      }
    }

    /** The path of a location on this machine: file:///a, file:/a or /a; null of any other. */
    private static String local(String location) {
      String path = location.startsWith("file:///") ? location.substring(7)
          : location.startsWith("file:/") ? location.substring(5) : location;
      return path.startsWith("/") && !path.startsWith("//") ? path : null;
    }
  }

  /** The files of the catalog's own `io-impl`, where a damaged metadata file counts as one that is not there. */
  public static class CheckedFiles implements Function {
    private final Configuration hadoop;

    public CheckedFiles(Configuration hadoop) {
      this.hadoop = hadoop;
    }

    public Object apply(Object properties) {
      Map settings = (Map) properties;
      return new CheckedIO(CatalogUtil.loadFileIO((String) settings.get("io-impl"), settings, hadoop));
    }
  }

  /** Iceberg tries 92 s long to read metadata that is no JSON, and each of its clients asks again; a missing file it says at once. */
  public static class CheckedIO implements FileIO {
    private final FileIO files;

    public CheckedIO(FileIO files) {
      this.files = files;
    }

    public InputFile newInputFile(String path) {
      InputFile file = files.newInputFile(path);
      if (path.endsWith(".metadata.json")) {
        check(file);
      }
      return file;
    }

    private static void check(InputFile file) {
      try {
        InputStream stream = file.newStream();
        try {
          if (!new ObjectMapper().readTree(stream).hasNonNull("table-uuid")) {
            throw new NotFoundException("Damaged table metadata: %s", new Object[] {file.location()});
          }
        } finally {
          stream.close();
        }
      } catch (JsonProcessingException error) {
        throw new NotFoundException("Damaged table metadata: %s", new Object[] {file.location()});
      } catch (ChecksumException error) {
        throw new NotFoundException("Damaged table metadata: %s", new Object[] {file.location()});
      } catch (IOException error) { // may pass
        throw new UncheckedIOException(error);
      }
    }

    public OutputFile newOutputFile(String path) {
      return files.newOutputFile(path);
    }

    public void deleteFile(String path) {
      files.deleteFile(path);
    }

    public Map properties() {
      return files.properties();
    }

    public void close() {
      files.close();
    }
  }
}
