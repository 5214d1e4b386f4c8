"""What a run sends to the Spark worker."""

import json
import socket
import threading
from concurrent.futures import Future
from pathlib import Path

from deftunes.run.worker_client import SparkJobs


def test_job_that_waits_for_references_gets_a_line_when_they_are_there(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    references: Future[bool] = Future()
    with (tmp_path / "lock").open("w") as lock, theirs, theirs.makefile("rw") as worker:
        theirs.settimeout(10)
        with SparkJobs(ours, {}, {}, {}, lock.fileno(), tmp_path / "log") as jobs:
            answers: list[object] = []
            run = threading.Thread(target=lambda: answers.append(jobs.run(["refine"], references)))
            run.start()
            assert worker.readline() == "\n"  # it brought the lock
            assert json.loads(worker.readline()) == {"conf": {}, "secret_conf": {}, "environment": {}}
            assert json.loads(worker.readline()) == [0, ["refine"], True]
            references.set_result(True)
            assert json.loads(worker.readline()) == [0, True]
            worker.write(json.dumps([0, {"rows": 1}]) + "\n")
            worker.flush()
            run.join(10)
            theirs.shutdown(socket.SHUT_RDWR)
    assert answers == [{"rows": 1}]
