"""GET /users: registered users."""

from mock_api.endpoints import Endpoint
from mock_api.models import User

ENDPOINT = Endpoint("/users", lambda dataset: dataset.users, User, "Users by user_since")
