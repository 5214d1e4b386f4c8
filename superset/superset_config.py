"""Settings of Superset. What differs between places comes from the environment, and nothing there has a default.

SUPERSET_SECRET_KEY     signs sessions and encrypts what Superset stores
SUPERSET_DATABASE_URI   Superset's own database, as SQLAlchemy writes it

and where they are set SUPERSET_DATABASE_SECRET_ARN and SERVING_PASSWORD (metadata_database.py, served_database.py).
"""

import hashlib
import os
from datetime import timedelta

from security_manager import SecurityManager  # the files beside this one
from served_database import served_only

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_DATABASE_URI"]

APP_NAME = "DeFtunes"
LOG_LEVEL = "WARNING"

# Who comes in has an account; nobody makes one for himself, and the role Public stays empty.
PUBLIC_ROLE_LIKE = None
AUTH_USER_REGISTRATION = False
WTF_CSRF_ENABLED = True
WTF_CSRF_EXEMPT_LIST = ["superset.views.core.log"]  # what a page counts; it is sent as the page is left
SESSION_COOKIE_NAME = "deftunes_dashboards"  # Airflow's page at another port of this address gets the cookie too
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
# Per address, and per worker: each of the two counts for itself. Nobody is locked out longer than somebody goes on
# trying from the same address; passwords are 24 random bytes.
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = "500 per second"  # a page asks for its charts and files all at once
RATELIMIT_STORAGE_URI = "memory://"
RATELIMIT_STRATEGY = "moving-window"  # of any minute, not of the clock's
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "10 per minute"  # the form, and by security_manager.py the API
JWT_SECRET_KEY = hashlib.sha256(f"jwt {SECRET_KEY}".encode()).hexdigest()
# Both belong to features that are off; their defaults are known to everybody.
GUEST_TOKEN_JWT_SECRET = hashlib.sha256(f"guest {SECRET_KEY}".encode()).hexdigest()
GLOBAL_ASYNC_QUERIES_JWT_SECRET = hashlib.sha256(f"async {SECRET_KEY}".encode()).hexdigest()

# What is asked: by everybody but Admin the queries of charts, of one database, in bounded answers.
CUSTOM_SECURITY_MANAGER = SecurityManager
DB_CONNECTION_MUTATOR = served_only
PREVENT_UNSAFE_DB_CONNECTIONS = True
ROW_LIMIT = SQL_MAX_ROW = TABLE_VIZ_MAX_ROW_SERVER = 50_000
MAX_CONTENT_LENGTH = 8 * 1024 * 1024
DISALLOWED_SQL_FUNCTIONS = {
    "duckdb": {
        "getenv", "glob", "parquet_file_metadata", "parquet_kv_metadata", "parquet_metadata", "parquet_scan",
        "parquet_schema", "query", "query_table", "read_blob", "read_csv", "read_csv_auto", "read_duckdb", "read_json",
        "read_json_auto", "read_json_objects", "read_json_objects_auto", "read_ndjson", "read_ndjson_auto",
        "read_ndjson_objects", "read_parquet", "read_text", "sniff_csv",
    }
}  # fmt: skip

# A page asks its own server only: no map tiles, fonts or telemetry from elsewhere.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "connect-src": ["'self'"],
        "default-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "img-src": ["'self'", "blob:", "data:"],
        "object-src": "'none'",
        "script-src": ["'self'", "'strict-dynamic'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "worker-src": ["'self'", "blob:"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,  # loopback, or behind a proxy that does it
    "session_cookie_secure": False,
}

# No answer is kept: what is published shows at the next question (docs/decisions/0015).
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

# A role sees the dashboards that name it, and through them the data of their charts. What is off is off in Superset 6.1
# by itself; it stands here because each would be a way in: templates in SQL, browsers and tunnels of the server.
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,
    "ALERT_REPORTS": False,
    "ALLOW_ADHOC_SUBQUERY": False,
    "DYNAMIC_PLUGINS": False,
    "EMBEDDED_SUPERSET": False,
    "ENABLE_JAVASCRIPT_CONTROLS": False,
    "ENABLE_SUPERSET_META_DB": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "GLOBAL_ASYNC_QUERIES": False,
    "SSH_TUNNELING": False,
    "THUMBNAILS": False,
}
HTML_SANITIZATION = True
ENABLE_CORS = False
ENABLE_PROXY_FIX = False  # or anybody's X-Forwarded-For would be the address that sign-ins are counted by
FAB_API_SWAGGER_UI = False
SHOW_STACKTRACE = False

EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "deftunes",
        "label": "DeFtunes",
        "description": "",
        "isDefault": True,
        "colors": ["#2F5DA8", "#2A9D8F", "#F2B134", "#D1495B", "#7B5EA7", "#6B7A8F", "#E4763A", "#8FB8DE"],
    }
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "deftunes",
        "label": "DeFtunes",
        "description": "",
        "isDiverging": False,
        "isDefault": True,
        "colors": ["#DCE8F5", "#A9C6E6", "#6F9BD1", "#2F5DA8", "#183A73"],
    }
]
