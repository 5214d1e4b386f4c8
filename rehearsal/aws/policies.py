"""Policies: whether the statements of a role allow an action, by IAM's rules as far as the platform's statements go.

A condition that is not known here is an error, never a yes.
"""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Statement = Mapping[str, Any]
Context = Mapping[str, str]


def allows(statements: Iterable[Statement], action: str, resource: str, context: Context) -> bool:
    """True if a statement allows the action on the resource (an ARN, or `*`) and none denies it."""
    applying = [each for each in statements if _applies(each, action, resource, context)]
    return bool(applying) and all(each["Effect"] == "Allow" for each in applying)


def _applies(statement: Statement, action: str, resource: str, context: Context) -> bool:
    actions = any(fnmatchcase(action.lower(), _pattern(each.lower())) for each in _list(statement["Action"]))
    resources = any(fnmatchcase(resource, _pattern(each)) for each in _list(statement["Resource"]))
    return actions and resources and all(
        _condition_holds(operator, name, _list(values), context)
        for operator, block in statement.get("Condition", {}).items()
        for name, values in block.items()
    )  # fmt: skip


def _condition_holds(operator: str, name: str, values: list[str], context: Context) -> bool:
    plain = operator.removesuffix("IfExists").removeprefix("ForAllValues:")
    if plain not in ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool"):
        raise NotImplementedError(f"the condition {operator} is not known to rehearsal/aws/policies.py")
    if name not in context:
        return operator != plain  # both wait for a key that may be missing
    return any(fnmatchcase(context[name], _pattern(value) if plain != "StringEquals" else value) for value in values)


def _pattern(text: str) -> str:
    """IAM's pattern as fnmatch reads it: only * and ? are signs."""
    return re.sub(r"[\[\]]", lambda sign: f"[{sign[0]}]", text)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
