"""Settings of Superset. What differs between places comes from the environment, and nothing there has a default.

SUPERSET_SECRET_KEY     signs sessions and encrypts what Superset stores
SUPERSET_DATABASE_URI   Superset's own database, as SQLAlchemy writes it
"""

import hashlib
import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_DATABASE_URI"]

APP_NAME = "DeFtunes"
LOG_LEVEL = "WARNING"

# Who comes in has an account; nobody makes one for himself, and the role Public stays empty.
PUBLIC_ROLE_LIKE = None
AUTH_USER_REGISTRATION = False
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = "500 per second"  # a page asks for its charts and files all at once
RATELIMIT_STORAGE_URI = "memory://"
AUTH_RATE_LIMIT = "20 per minute"
# Both belong to features that are off; their defaults are known to everybody.
GUEST_TOKEN_JWT_SECRET = hashlib.sha256(f"guest {SECRET_KEY}".encode()).hexdigest()
GLOBAL_ASYNC_QUERIES_JWT_SECRET = hashlib.sha256(f"async {SECRET_KEY}".encode()).hexdigest()

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

# A role sees the dashboards that name it, and through them the data of their charts.
FEATURE_FLAGS = {"DASHBOARD_RBAC": True}
# Files are unsafe where strangers may add databases. Here only Admin may.
PREVENT_UNSAFE_DB_CONNECTIONS = False

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
