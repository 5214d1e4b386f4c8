"""The alert: one message to a webhook when a task has failed for good. Off unless ALERT_URL is set."""

import json
import logging
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

TIMEOUT_S = 10


def message(context: Mapping[str, Any]) -> dict[str, str]:
    """What failed and where its log is, in the form that Slack and its likes take."""
    instance = context["ti"]
    reason = str(context.get("exception") or "no reason given")
    return {"text": f"{instance.dag_id}.{instance.task_id} of {instance.run_id} failed: {reason}\n{instance.log_url}"}


def alert(context: Mapping[str, Any]) -> None:
    """For `on_failure_callback`. An alert that cannot be sent is logged: it must not hide what it is about."""
    url = os.environ.get("ALERT_URL")
    if not url:
        return
    body = json.dumps(message(context)).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  the operator's own
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310
            pass
    except OSError as error:
        logging.getLogger(__name__).warning("The alert could not be sent to ALERT_URL: %s", error)
