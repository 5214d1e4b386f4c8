"""Superset's own tables, in the database it keeps for itself.

Its migrations take from one minute to several. So an image's build runs them once, in a database of its own
(`services/superset/metadata_tables.sh`, which calls this file), and carries what came out; a first start reads that in.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MADE = HERE / "metadata_tables.sql"  # in the image only


def read_password_when_connecting(environ: Mapping[str, str]) -> None:
    """Where SUPERSET_DATABASE_SECRET_ARN names a secret of AWS (JSON with a key password), each connection reads it.

    RDS renews the password every week: a process would outlive the one it was started with.
    """
    arn = environ.get("SUPERSET_DATABASE_SECRET_ARN")
    if not arn:
        return
    from boto3.session import Session
    from sqlalchemy import event
    from sqlalchemy.engine import Engine, make_url

    own = make_url(environ["SUPERSET_DATABASE_URI"])

    @event.listens_for(Engine, "do_connect")  # type: ignore[untyped-decorator]
    def give_password(_dialect: Any, _record: Any, _: Any, parameters: dict[str, Any]) -> None:
        if (parameters.get("host"), parameters.get("user")) == (own.host, own.username):
            secrets = Session(region_name=arn.split(":")[3]).client("secretsmanager")
            parameters["password"] = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])["password"]


def load(uri: str) -> None:
    """What the image's build made, if there is such a file and the database is empty; all of it or nothing."""
    from sqlalchemy import create_engine, inspect

    engine = create_engine(uri)
    if MADE.exists() and not inspect(engine).get_table_names():
        connection = engine.raw_connection()
        connection.cursor().execute(MADE.read_text(encoding="utf-8"))
        connection.commit()
        connection.close()
    engine.dispose()


def bring_up_to_date(engine: Any) -> None:
    """The tables, permissions and roles of this version of Superset; within an app's context."""
    if not is_current(engine):
        migrate()


def is_current(engine: Any) -> bool:
    """True if the tables are those of this version."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from flask_migrate import current_app

    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_heads() == tuple(scripts.get_heads())


def migrate() -> None:
    from flask_migrate import upgrade
    from superset import appbuilder, security_manager

    upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()


def main() -> None:
    os.environ["SUPERSET_CONFIG_PATH"] = str(HERE / "superset_config.py")
    from superset.app import create_app
    from superset.extensions import db

    app = create_app()
    with app.app_context():
        bring_up_to_date(db.engine)


if __name__ == "__main__":
    main()
