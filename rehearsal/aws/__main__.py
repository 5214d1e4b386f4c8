"""`python -m rehearsal.aws SETTINGS`: the server, until it is ended. Runs in .venv/rehearsal.

SETTINGS is a JSON file: `port`, `emulators`, `warehouse` and `database`, as rehearsal/environment.py writes them.
"""

import json
import signal
import sys
from pathlib import Path

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

from rehearsal.aws import authority, glue_catalog, glue_runs, rds, s3_objects, s3_policies, security_groups, steps
from rehearsal.aws.answers import OwnAnswers
from rehearsal.aws.budgets import Budgets
from rehearsal.aws.gate import Gate
from rehearsal.aws.glue_quality import Quality
from rehearsal.aws.models import Checked
from rehearsal.aws.redshift import Warehouse
from rehearsal.glue.emulators import Emulators


def main() -> None:
    settings = json.loads(Path(sys.argv[1]).read_text())
    emulators = Emulators.read(settings["emulators"])
    s3_objects.extend(emulators)
    s3_policies.extend()
    glue_catalog.extend()
    security_groups.extend()
    if settings["database"]:
        rds.extend(**settings["database"])
    gate = Gate(emulators, authority.make(emulators.folder / "authority"))
    glue_runs.extend(emulators, gate)
    answers = {
        **glue_catalog.answers(),
        **glue_runs.answers(),
        **steps.answers(),
        **Quality(emulators, gate).answers(),
        **Warehouse(**settings["warehouse"]).answers(),
        **Budgets().answers(),
    }
    application = Checked(OwnAnswers(DomainDispatcherApplication(create_backend_app), answers), emulators.folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        run_simple("127.0.0.1", settings["port"], application, threaded=True, request_handler=MotoRequestHandler)
    finally:
        glue_runs.stop_all()


if __name__ == "__main__":
    main()
