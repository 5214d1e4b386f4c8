"""What a source is known by: the part of its address that stays when settings, users or passwords change."""

from urllib.parse import urlsplit


def api_identity(url: str) -> str:
    """Scheme, host, port and path of an API's address, as they are compared: `http://shop:8080/v1`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url.rpartition("@")[2]  # who asks it will say what is wrong
    is_default = port in (None, {"http": 80, "https": 443}.get(parts.scheme))
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{'' if is_default else f':{port}'}{parts.path.rstrip('/')}"


def database_identity(jdbc_url: str) -> str:
    """Hosts, ports and database of a song database, without its settings: `postgresql://shop:5432/catalogue`."""
    place, _, database = jdbc_url.removeprefix("jdbc:").partition("?")[0].rpartition("/")
    scheme, _, hosts = place.rpartition("/")
    return f"{scheme}/{','.join(sorted(hosts.lower().split(',')))}/{database}"
