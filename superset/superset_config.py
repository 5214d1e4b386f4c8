"""Settings of Superset. What differs between places comes from environment variables; none of them has a default
that would be a secret.

SUPERSET_SECRET_KEY     signs sessions and encrypts what Superset stores
SUPERSET_DATABASE_URI   Superset's own database, as SQLAlchemy names it
"""

import hashlib
import os
from typing import Any

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_DATABASE_URI"]

# Who may come in: accounts of Superset's own database, and nobody without one.
PUBLIC_ROLE_LIKE = None
AUTH_USER_REGISTRATION = False
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = None  # a dashboard asks for all of its charts at once
RATELIMIT_STORAGE_URI = "memory://"
AUTH_RATE_LIMIT = "10 per minute"
# The defaults of these two are public; both features are off.
GUEST_TOKEN_JWT_SECRET = hashlib.sha256(f"guest {SECRET_KEY}".encode()).hexdigest()
GLOBAL_ASYNC_QUERIES_JWT_SECRET = hashlib.sha256(f"async {SECRET_KEY}".encode()).hexdigest()

# A page asks its own server only: no map tiles, no fonts, no telemetry from elsewhere.
TALISMAN_ENABLED = True
TALISMAN_CONFIG: dict[str, Any] = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "frame-ancestors": ["'none'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,  # plain HTTP, on loopback only
}

# Answers are never kept: a published file shows at the next question.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,  # a role sees the dashboards that name it, and through them their charts' data
    "ALERT_REPORTS": False,
    "EMBEDDED_SUPERSET": False,
}
# DuckDB is a file in this process; the check exists to keep people from connecting to any file. No role but Admin
# may add a database, and the one here is opened read-only.
PREVENT_UNSAFE_DB_CONNECTIONS = False

APP_NAME = "DeFtunes"
LOG_LEVEL = "WARNING"
TALISMAN_DEV_CONFIG = TALISMAN_CONFIG
