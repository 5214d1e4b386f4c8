"""The dashboards' server: `python superset/serve.py`, with the environment of superset_config.py and

SERVING_URI                  the database that dashboards read, as SQLAlchemy writes it
SERVING_PASSWORD             its password, where SERVING_URI holds none
SUPERSET_BIND                address and port to listen on
SUPERSET_ADMIN_PASSWORD      of the account admin
SUPERSET_ANALYST_PASSWORD    of the account analyst, which sees the dashboards and nothing else

It brings Superset's own database up to date, imports the assets, then serves: one process, for loading Superset is
most of a start. Starting again changes nothing that is as it should be.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import metadata_database  # the files beside this one
import served_database

HERE = Path(__file__).resolve().parent
WORKERS, THREADS = 2, 8
REQUEST_PATIENCE_S = 60

# What it takes to look at a dashboard and move its filters.
ANALYST = (
    ("can_read", "Dashboard"),
    ("can_read", "Chart"),
    ("can_read", "Theme"),
    ("can_read", "CssTemplate"),
    ("can_read", "CurrentUserRestApi"),
    ("can_read", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_read", "DashboardPermalinkRestApi"),
    ("can_write", "DashboardPermalinkRestApi"),
    ("can_dashboard", "Superset"),
    ("can_dashboard_permalink", "Superset"),
    ("can_explore_json", "Superset"),  # how the world map asks; what it asks is checked like the rest
    ("can_log", "Superset"),
    ("can_time_range", "Api"),
    ("menu_access", "Dashboards"),
)


def prepare(app: Any, environ: Mapping[str, str]) -> None:
    """Superset's tables, roles, accounts and assets, as they should be."""
    from superset.extensions import db
    from superset.utils.core import override_user

    with app.app_context():
        metadata_database.bring_up_to_date(db.engine)
        admin = account("admin", "Admin", environ["SUPERSET_ADMIN_PASSWORD"])
        analyst = analyst_role()
        account("analyst", "analyst", environ["SUPERSET_ANALYST_PASSWORD"])
        with override_user(admin):
            import_assets(environ)
        share(analyst)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()  # the workers must not share its connections


def account(name: str, role: str, password: str) -> Any:
    """The account, open, with this role alone and this password, whatever was made of it since."""
    from superset import security_manager
    from werkzeug.security import check_password_hash

    roles = [security_manager.find_role(role)]
    user = security_manager.find_user(username=name)
    if user is None:
        return security_manager.add_user(name, name.title(), "DeFtunes", f"{name}@localhost", roles, password)
    user.roles, user.active = roles, True
    if not check_password_hash(user.password, password):
        security_manager.reset_password(user.id, password)
    return user


def analyst_role() -> Any:
    """The role `analyst`, with the permissions of ANALYST and no others."""
    from superset import security_manager

    role = security_manager.add_role("analyst")
    role.permissions = [security_manager.add_permission_view_menu(*permission) for permission in ANALYST]
    return role


def import_assets(environ: Mapping[str, str]) -> None:
    """Databases, datasets, charts and dashboards, as superset/assets has them."""
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    assets = HERE / "assets"
    texts = {str(path.relative_to(assets)): path.read_text(encoding="utf-8") for path in sorted(assets.rglob("*.yaml"))}
    for name in [name for name in texts if name.startswith("databases/")]:
        address = served_database.address(environ).render_as_string(hide_password=False)
        texts[name] = Template(texts[name]).substitute(SERVING_URI=address)
    ImportAssetsCommand(texts).run()


def share(role: Any) -> None:
    """Show the dashboards to the role: it reaches data through them only."""
    from superset.extensions import db
    from superset.models.dashboard import Dashboard

    for dashboard in db.session.query(Dashboard):
        dashboard.roles = [role]


def serve(app: Any, bind: str) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            options = {"bind": bind, "workers": WORKERS, "threads": THREADS, "worker_class": "gthread"}
            for name, value in {
                **options,
                "preload_app": True,
                "control_socket_disable": True,
                "timeout": REQUEST_PATIENCE_S,
            }.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return app

    Server().run()


def main() -> None:
    os.environ["SUPERSET_CONFIG_PATH"] = str(HERE / "superset_config.py")
    metadata_database.read_password_when_connecting(os.environ)
    metadata_database.load(os.environ["SUPERSET_DATABASE_URI"])  # first: an app makes some of the tables by itself
    from superset.app import create_app

    app = create_app()
    prepare(app, os.environ)
    serve(app, os.environ["SUPERSET_BIND"])


if __name__ == "__main__":
    main()
