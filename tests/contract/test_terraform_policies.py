"""No statement is broader than stated: terraform/permissions.md states each, and `*` has its reason here."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]

# Document and statement -> why AWS leaves no other way. In a key policy, the resource * is the key itself.
EVERY_RESOURCE = {
    ("bootstrap.key", "TheAccountDecidesByIam"): "in a key policy",
    ("lake.key", "TheAccountDecidesByIam"): "in a key policy",
    ("lake.key", "LogGroupsOfThisAccount"): "in a key policy",
    ("lake.key", "AlarmsOfThisAccount"): "in a key policy",
    ("lake.key", "EventsToTheTopic"): "in a key policy",
    ("data_quality.this", "WriteScores"): "PutMetricData knows no resource; the condition names the one namespace",
    ("network.flow", "FindLogGroup"): "DescribeLogGroups of all knows no resource",
    ("dashboards.start", "LogInToRegistry"): "GetAuthorizationToken knows no resource",
    ("glue_job.stand", "LookAtNetwork"): "ec2:Describe actions know no resource",
    (
        "orchestration.this",
        "LookAtAccount",
    ): "DescribeLogGroups of all and GetAccountPublicAccessBlock know no resource",
    ("orchestration.this", "WriteFigures"): "PutMetricData knows no resource; the condition names the one namespace",
}
EVERY_ACTION = {
    ("bootstrap.key", "TheAccountDecidesByIam"): "without it nobody could manage the key",
    ("lake.key", "TheAccountDecidesByIam"): "without it nobody could manage the key",
    ("bucket.bucket", "TlsOnly"): "it denies",
}
# Statements over every thing of a kind, or over things of any account, and why no name can be given.
EVERY_OF_A_KIND = {
    (
        "glue_job.stand",
        "MakeInterface",
    ): "an interface has no name before it is made; subnet and group are named beside it",
    ("glue_job.stand", "RemoveInterface"): "Glue names its interfaces; the condition names the subnet",
    ("glue_job.stand", "TagInterface"): "Glue names its interfaces; the condition names the only tag",
    ("data_quality.this", "ReadEvaluations"): "AWS documents the action for every ruleset, a run being none",
    (
        "orchestration.this",
        "EvaluateRules",
    ): "AWS documents the actions for every ruleset",
    ("orchestration.this", "UseQueue"): "the queue is in an account of AWS, whose number nobody knows",
}
NAMELESS = re.compile(r":\*$|:[\w-]+/\*$|^arn:aws:[\w-]*:[^:]*:\*:|^arn:aws:s3:::\*")
KMS_FAMILIES = {"kms:GenerateDataKey*", "kms:ReEncrypt*"}  # AWS names these families itself
# Ways to write a policy that terraform/permissions.py does not read.
UNREAD = (
    r"jsonencode\([^)]*Statement|<<-?\w+\s*\{\s*\"(Version|Statement)"
    r"|\bnot_(actions|resources|principals)\b|dynamic \"statement\"|(source|override)_policy_documents|inline_policy"
)
READING = re.compile(r"\w+:(Get|List|BatchGet|Describe|Decrypt)")
READERS = {"serving.this"}  # roles that change nothing at all


def reader() -> ModuleType:
    """terraform/permissions.py, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("permissions", ROOT / "terraform/permissions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["permissions"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


PERMISSIONS = reader()
STATEMENTS = PERMISSIONS.statements()
NAMED = [pytest.param(each, id=f"{each.document}-{each.sid or 'trust'}") for each in STATEMENTS]


def too_broad(statement) -> list[str]:  # type: ignore[no-untyped-def]
    """What is broader than stated in this module."""
    key = statement.document, statement.sid
    wide = [action for action in statement.actions if "*" in action and action not in KMS_FAMILIES]
    found = [f"action {action}" for action in wide if key not in EVERY_ACTION]
    found += ["resource *" for resource in statement.resources if resource == "*" and key not in EVERY_RESOURCE]
    nameless = [each for each in statement.resources if NAMELESS.search(each) and not each.endswith("arn}:*")]
    found += [f"every {resource}" for resource in nameless if key not in EVERY_OF_A_KIND]
    if "*" in statement.principals and statement.effect != "Deny":
        found.append("principal *")
    writes = [action for action in statement.actions if not READING.match(action) and action not in KMS_FAMILIES]
    if "*" in statement.resources and writes and not statement.conditions and key not in EVERY_ACTION:
        found += [f"{action} on * without a condition" for action in writes if action != "ecr:GetAuthorizationToken"]
    if statement.document in READERS and statement.sid:
        found += [f"{action} by a role that reads" for action in writes]
    return found


def test_reader_finds_every_statement() -> None:
    files = [path for path in (ROOT / "terraform").rglob("*.tf") if ".terraform" not in path.parts]
    written = sum(len(re.findall(r"^ *statement \{", path.read_text(), re.MULTILINE)) for path in files)
    assert len(STATEMENTS) == written > 50
    assert not [each for each in STATEMENTS if not each.actions]
    assert not [path for path in files if re.search(UNREAD, path.read_text())]


@pytest.mark.parametrize(
    "path",
    [p for p in (ROOT / "terraform").rglob("*.tf") if ".terraform" not in p.parts],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_policy_is_one_of_the_documents(path: Path) -> None:
    """Roles, keys, buckets and topics get their policies from the documents on the page; a module may hand one on."""
    given = re.findall(r"^ +(?:assume_role_policy|policy|key_policy) += (.+)$", path.read_text(), re.MULTILINE)
    assert [
        each
        for each in given
        if not re.fullmatch(r"data\.aws_iam_policy_document\.\w+(\[0\])?\.json|each\.value", each)
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        "grants = { x = jsonencode({ Statement = [] }) }",
        '    not_actions = ["s3:*"]',
        '    not_resources = ["x"]',
        '  dynamic "statement" {',
        "  source_policy_documents = []",
        "  inline_policy {",
    ],
)
def test_a_policy_that_the_page_would_miss_is_noticed(text: str) -> None:
    assert re.search(UNREAD, text)


@pytest.mark.parametrize("statement", NAMED)
def test_statement_is_no_broader_than_stated(statement) -> None:  # type: ignore[no-untyped-def]
    assert too_broad(statement) == []


def test_every_statement_stands_on_the_page() -> None:
    page = (ROOT / "terraform/permissions.md").read_text(encoding="utf-8")
    assert page == PERMISSIONS.page(STATEMENTS), "write it anew: python3 terraform/permissions.py"


def test_every_exception_is_used() -> None:
    everywhere = {(each.document, each.sid) for each in STATEMENTS if "*" in each.resources}
    anything = {(each.document, each.sid) for each in STATEMENTS if any("*" in a for a in each.actions)}
    assert set(EVERY_RESOURCE) == everywhere
    assert set(EVERY_ACTION) <= anything
    of_a_kind = {(s.document, s.sid) for s in STATEMENTS for each in s.resources if NAMELESS.search(each)}
    assert set(EVERY_OF_A_KIND) <= of_a_kind


def test_no_policy_of_others_is_attached() -> None:
    """A policy that AWS writes may grow; ours are all in the table."""
    files = [path for path in (ROOT / "terraform").rglob("*.tf") if ".terraform" not in path.parts]
    assert not [
        path for path in files if "managed_policy_arns" in path.read_text() or "iam::aws:policy" in path.read_text()
    ]


def one(body: str):  # type: ignore[no-untyped-def]
    text = f'data "aws_iam_policy_document" "x" {{\n  statement {{\n{body}  }}\n}}\n'
    return next(iter(PERMISSIONS.in_text("serving", text)))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('    actions   = ["s3:*"]\n    resources = ["arn:aws:s3:::b"]\n', ["action s3:*"]),
        ('    actions   = ["s3:GetObject"]\n    resources = ["*"]\n', ["resource *"]),
        ('    actions = [\n      "s3:Get*",\n    ]\n    resources = [var.b]\n', ["action s3:Get*"]),
        (
            '    actions   = ["s3:PutObject"]\n    resources = ["*"]\n',
            ["resource *", "s3:PutObject on * without a condition"],
        ),
        ('    actions   = ["s3:GetObject"]\n    resources = ["arn:aws:s3:::*"]\n', ["every arn:aws:s3:::*"]),
        (
            '    actions   = ["glue:StartJobRun"]\n    resources = ["arn:aws:glue:${var.r}:${var.a}:job/*"]\n',
            ["every arn:aws:glue:${var.r}:${var.a}:job/*"],
        ),
        (
            '    actions   = ["s3:GetObject"]\n    resources = [var.b]\n\n    principals {\n'
            '      type        = "*"\n      identifiers = ["*"]\n    }\n',
            ["principal *"],
        ),
    ],
)
def test_a_broad_statement_is_noticed(body: str, found: list[str]) -> None:
    assert too_broad(one(body)) == found


def test_a_writing_statement_of_a_reading_role_is_noticed() -> None:
    text = (
        'data "aws_iam_policy_document" "this" {\n  statement {\n    sid       = "Write"\n'
        '    actions   = ["s3:PutObject"]\n    resources = [var.b]\n  }\n}\n'
    )
    statement = next(iter(PERMISSIONS.in_text("serving", text)))
    assert too_broad(statement) == ["s3:PutObject by a role that reads"]
