"""RDS: an instance of moto's answers at the address of a PostgreSQL here, whose password its managed secret has."""

import json

from moto.rds.models import DBInstance, MasterUserSecret


def extend(port: int, user: str, password: str) -> None:
    """From now on each instance is that one PostgreSQL."""
    make = DBInstance.__init__

    def make_at_port(instance: DBInstance, *given: object, **named: object) -> None:
        make(instance, *given, **named)
        instance.port = port

    DBInstance.__init__ = make_at_port
    DBInstance.address = property(lambda _: "127.0.0.1")
    MasterUserSecret._generate_secret_string = lambda _: json.dumps({"username": user, "password": password})
