"""Step Functions, what moto lacks of it: whether a definition holds, by moto's own parser, and a machine's versions."""

from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from rehearsal.aws.answers import Answer


def answers() -> dict[str, Answer]:
    return {
        "AWSStepFunctions.ValidateStateMachineDefinition": _validated,
        "AWSStepFunctions.ListStateMachineVersions": lambda request: {"stateMachineVersions": []},  # noqa: ARG005
    }


def _validated(request: dict[str, Any]) -> dict[str, Any]:
    try:
        AmazonStateLanguageParser.parse(request["definition"])
    except Exception as error:  # whatever the parser cannot read, it says in its own words
        found = {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": str(error)}
        return {"result": "FAIL", "diagnostics": [found]}
    return {"result": "OK", "diagnostics": []}
