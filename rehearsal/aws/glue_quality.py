"""Glue Data Quality in the catalog, which moto has not: rulesets, and evaluations of them that are run."""

import threading
import time
import uuid
from typing import Any

from rehearsal.aws import glue_catalog
from rehearsal.aws.answers import Answer, AwsError
from rehearsal.aws.gate import Gate
from rehearsal.glue import evaluation
from rehearsal.glue.emulators import Emulators

OUTCOMES = {"Passed": "PASS", "Failed": "FAIL"}


class Quality:
    """Rulesets by name, evaluation runs and results by id."""

    def __init__(self, emulators: Emulators, gate: Gate) -> None:
        self._emulators, self._gate = emulators, gate
        self._rulesets: dict[str, dict[str, Any]] = {}
        self._runs: dict[str, dict[str, Any]] = {}
        self._results: dict[str, dict[str, Any]] = {}

    def answers(self) -> dict[str, Answer]:
        return {
            "AWSGlue.CreateDataQualityRuleset": self._create,
            "AWSGlue.UpdateDataQualityRuleset": self._update,
            "AWSGlue.GetDataQualityRuleset": lambda request: _lookup(self._rulesets, request["Name"]),
            "AWSGlue.ListDataQualityRulesets": lambda _: {
                "Rulesets": [_without_text(each) for each in self._rulesets.values()]
            },
            "AWSGlue.DeleteDataQualityRuleset": self._delete,
            "AWSGlue.StartDataQualityRulesetEvaluationRun": self._start,
            "AWSGlue.GetDataQualityRulesetEvaluationRun": lambda request: _lookup(self._runs, request["RunId"]),
            "AWSGlue.GetDataQualityResult": lambda request: _lookup(self._results, request["ResultId"]),
        }

    def _create(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["Name"] in self._rulesets:
            raise AwsError("AlreadyExistsException", f"Ruleset {request['Name']} already exists")
        now = time.time()
        kept = {name: request[name] for name in ("Name", "Description", "Ruleset", "TargetTable") if name in request}
        self._rulesets[request["Name"]] = {**kept, "CreatedOn": now, "LastModifiedOn": now}
        glue_catalog.tag("dataQualityRuleset", request["Name"], request.get("Tags", {}))
        return {"Name": request["Name"]}

    def _update(self, request: dict[str, Any]) -> dict[str, Any]:
        ruleset = _lookup(self._rulesets, request["Name"])
        ruleset |= {**request, "LastModifiedOn": time.time()}
        return {"Name": request["Name"]}

    def _delete(self, request: dict[str, Any]) -> dict[str, Any]:
        self._rulesets.pop(request["Name"], None)
        return {}

    def _start(self, request: dict[str, Any]) -> dict[str, Any]:
        texts = [_lookup(self._rulesets, name)["Ruleset"] for name in request["RulesetNames"]]
        run_id = f"dqrun-{uuid.uuid4().hex}"
        run = {"RunId": run_id, "Status": "RUNNING", "StartedOn": time.time(), "LastModifiedOn": time.time()}
        self._runs[run_id] = {**run, "DataSource": request["DataSource"], "RulesetNames": request["RulesetNames"]}
        threading.Thread(target=self._work, args=(run_id, request, texts), daemon=True).start()
        return {"RunId": run_id}

    def _work(self, run_id: str, request: dict[str, Any], texts: list[str]) -> None:
        run, table = self._runs[run_id], request["DataSource"]["GlueTable"]
        additional = {name: each["GlueTable"] for name, each in request.get("AdditionalDataSources", {}).items()}
        try:
            outcomes = [
                evaluation.outcomes(self._emulators, self._gate, run_id, request["Role"], table, additional, text)
                for text in texts
            ]
        except evaluation.EvaluationError as error:
            run |= {"Status": "FAILED", "ErrorString": str(error), "LastModifiedOn": time.time()}
            return
        run |= {"ResultIds": [self._result(run_id, request, each) for each in outcomes]}
        run |= {"Status": "SUCCEEDED", "CompletedOn": time.time(), "LastModifiedOn": time.time()}

    def _result(self, run_id: str, request: dict[str, Any], outcomes: list[dict[str, Any]]) -> str:
        result_id = f"dqresult-{uuid.uuid4().hex}"
        passed = sum(each["Outcome"] == "Passed" for each in outcomes)
        self._results[result_id] = {
            "ResultId": result_id,
            "RulesetEvaluationRunId": run_id,
            "DataSource": request["DataSource"],
            "Score": passed / len(outcomes),
            "RuleResults": [_rule_result(number, each) for number, each in enumerate(outcomes, start=1)],
        }
        return result_id


def _rule_result(number: int, outcome: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": f"Rule_{number}",
        "Description": outcome["Rule"],
        "EvaluatedRule": outcome["Rule"],
        "Result": OUTCOMES.get(outcome["Outcome"], "ERROR"),
        "EvaluationMessage": outcome["FailureReason"] or "",
        "EvaluatedMetrics": outcome["EvaluatedMetrics"] or {},
    }


def _without_text(ruleset: dict[str, Any]) -> dict[str, Any]:
    """A ruleset as a list of them shows it."""
    return {name: value for name, value in ruleset.items() if name != "Ruleset"}


def _lookup(known: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    if name not in known:
        raise AwsError("EntityNotFoundException", f"{name} is not there")
    return known[name]
