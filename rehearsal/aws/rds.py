"""RDS: an instance of moto's answers at the address of a PostgreSQL here, whose password its managed secret has."""

import json
from collections.abc import Iterable
from typing import Any

from moto.rds.models import DBInstance, DBParameterGroup, MasterUserSecret


def extend(port: int, user: str, password: str) -> None:
    """From now on each instance is that one PostgreSQL."""
    make, update = DBInstance.__init__, DBParameterGroup.update_parameters

    def make_at_port(instance: DBInstance, *given: object, **named: object) -> None:
        make(instance, *given, **named)
        instance.port = port

    def update_by_user(group: DBParameterGroup, parameters: Iterable[dict[str, Any]]) -> None:
        """AWS says whose a value is, and Terraform passes over those of which that is not said."""
        update(group, [{**each, "Source": "user"} for each in parameters])

    DBInstance.__init__ = make_at_port
    DBParameterGroup.update_parameters = update_by_user
    DBInstance.address = property(lambda _: "127.0.0.1")
    MasterUserSecret._generate_secret_string = lambda _: json.dumps({"username": user, "password": password})
