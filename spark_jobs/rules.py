"""Rules: a table's DQDL file, read and checked before anything is evaluated.

The same text is deployed to Glue Data Quality, so a file may use only what both evaluators know: the
grammar is that of AWS's own parser (software.amazon.glue:dqdl), the rule types those that Deequ 2.1
translates (package com.amazon.deequ.dqdl.translation.rules).
"""

import re
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from spark_jobs.problem import Problem

EVALUATED_BY_BOTH = {
    "AggregateMatch", "ColumnCorrelation", "ColumnCount", "ColumnDataType", "ColumnExists", "ColumnLength",
    "ColumnNamesMatchPattern", "ColumnValues", "Completeness", "CustomSql", "DataFreshness", "DatasetMatch",
    "DistinctValuesCount", "Entropy", "IsComplete", "IsPrimaryKey", "IsUnique", "Mean", "ReferentialIntegrity",
    "RowCount", "RowCountMatch", "SchemaMatch", "StandardDeviation", "Sum", "UniqueValueRatio", "Uniqueness",
}  # fmt: skip

COLUMN_PARAMETER = re.compile(r"TargetColumn\d*$|PrimaryDatasetColumns$")


@dataclass(frozen=True)
class RuleSet:
    """The rules of one table: the text to evaluate, and each rule as the engine will name it."""

    path: str
    text: str
    rules: tuple[str, ...]

    def apart(self, tables: tuple[str, ...]) -> tuple["RuleSet", "RuleSet"]:
        """The rules that name none of these tables, and those that compare with one."""
        compare = [any(re.search(rf"\b{table}\b", rule) for table in tables) for rule in self.rules]
        return self._part(compare, False), self._part(compare, True)

    def _part(self, compare: list[bool], wanted: bool) -> "RuleSet":
        rules = tuple(rule for rule, compares in zip(self.rules, compare, strict=True) if compares is wanted)
        return RuleSet(self.path, f"Rules = [{', '.join(rules)}]", rules)


def rule_set(spark: SparkSession, path: str, text: str, columns: set[str]) -> RuleSet:
    """The checked rules of a DQDL text.

    Raises Problem with file and line for a syntax error, a rule an engine does not know, a rule that
    needs a history, or a column the table has not.
    """
    parser = spark._jvm.software.amazon.glue.dqdl.parser.DQDLParser()  # type: ignore[union-attr]
    try:
        parsed = list(parser.parse(text).getRules())
    except Exception as error:
        raise _syntax_problem(path, text, error) from error
    for rule in _flat(parsed):
        _check(path, text, rule, columns)
    return RuleSet(path, text, tuple(rule.toString() for rule in parsed))


def _flat(rules: list[Any]) -> list[Any]:
    """The rules with the parts of and/or rules in their place."""
    flat = []
    for rule in rules:
        nested = list(rule.getNestedRules() or [])
        flat += _flat(nested) if nested else [rule]
    return flat


def _check(path: str, text: str, rule: Any, columns: set[str]) -> None:
    kind, rule_text = rule.getRuleType(), rule.toString()
    if kind not in EVALUATED_BY_BOTH:
        raise _problem(path, text, kind, "Only one of Glue and Deequ knows this rule", rule_text)
    if re.search(r"\b(last|avg|min|max|sum|std)\s*\(\s*last\b|\blast\s*\(", rule_text):
        raise _problem(path, text, kind, "Deequ keeps no history of earlier values", rule_text)
    parameters = dict(rule.getParameters() or {})
    named = [value for name, value in parameters.items() if COLUMN_PARAMETER.match(name)]
    for column in ",".join(named).split(",") if named else []:
        if column.strip() not in columns:
            raise _problem(path, text, f'"{column}"', "The rule names a column the table has not", rule_text)


def _syntax_problem(path: str, text: str, error: Exception) -> Problem:
    message = str(getattr(error, "java_exception", error)).split("Parsing Error: ")[-1].splitlines()[0]
    at = re.search(r"line (\d+):", message)
    unknown = re.search(r"Rule Type: (\w+) is not valid", message)
    if at:
        return _at(path, int(at[1]), "The rules cannot be read", message)
    if unknown and (line := _line_after_missing_comma(text)):
        return _at(path, line, "The rules cannot be read", "a comma is missing before this line's rule")
    if unknown:
        return _problem(path, text, unknown[1], "The rules cannot be read", message)
    return _at(path, 1, "The rules cannot be read", message)


def _line_after_missing_comma(text: str) -> int | None:
    """The parser takes a rule after a missing comma for parameters of the one before, and calls that one unknown."""
    code = "\n".join(line.split("#")[0] for line in text.splitlines())
    found = re.search(rf"[^\s,\[(]\s*\n\s*({'|'.join(sorted(EVALUATED_BY_BOTH))})\b", code)
    return code.count("\n", 0, found.start(1)) + 1 if found else None


def _problem(path: str, text: str, sign: str, what: str, value: str) -> Problem:
    lines = text.splitlines()
    number = next((n for n, line in enumerate(lines, 1) if sign in line.split("#")[0]), 1)
    return _at(path, number, what, value)


def _at(path: str, line: int, what: str, value: str) -> Problem:
    return Problem(what, f"{path}, line {line}", value, "correct that line; docs/quality.md lists what may stand there")
