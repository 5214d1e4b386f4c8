"""GET /sessions: purchase sessions."""

from mock_api.endpoints import Endpoint
from mock_api.models import Session

ENDPOINT = Endpoint("/sessions", lambda dataset: dataset.sessions, Session, "Sessions by session_start_time")
