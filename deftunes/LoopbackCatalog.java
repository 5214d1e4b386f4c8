import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.rest.RESTCatalogAdapter;
import org.apache.iceberg.rest.RESTCatalogServlet;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

/**
 * Iceberg's REST catalog on 127.0.0.1:REST_PORT, or on REST_HOST where a network of containers shields it; its other settings are the same CATALOG_* variables that RESTCatalogServer reads.
 *
 * <p>RESTCatalogServer itself listens on every address, and the catalog knows no passwords; it also logs its own database password. Janino,
 * which Spark ships, compiles this file when the service starts, so no JDK is needed.
 */
public class LoopbackCatalog {
  public static void main(String[] arguments) throws Exception {
    Map settings = settings(System.getenv());
    String name = (String) settings.get("catalog.name");
    Catalog catalog = CatalogUtil.buildIcebergCatalog(name, settings, new Configuration());

    ServletContextHandler handler = new ServletContextHandler();
    handler.addServlet(new ServletHolder(new RESTCatalogServlet(new RESTCatalogAdapter(catalog))), "/*");

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
}
