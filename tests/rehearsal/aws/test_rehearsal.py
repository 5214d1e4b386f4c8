"""The aws target, applied and run on emulators, holds what the embedded target holds."""

from rehearsal.glue.roles import client
from tests.rehearsal.aws.conftest import DATASET, Rehearsal


def test_one_apply_makes_the_whole_platform(rehearsal: Rehearsal) -> None:
    made = "\n".join(rehearsal.environment.platform.resources())
    for address in (
        'module.extract_job["api"].aws_glue_job.this',
        'module.extract_job["postgres"].aws_glue_job.this',
        "module.transform_job.aws_glue_job.this",
        "module.gold_job.aws_glue_job.this",
        "module.schedule[0].aws_sfn_state_machine.this",
        "module.serving.aws_redshiftserverless_workgroup.this",
        "module.serving.aws_redshiftserverless_usage_limit.month",
        'module.data_quality.aws_glue_data_quality_ruleset.this["sessions"]',
        "module.observability.aws_budgets_budget.month",
        "module.network.aws_vpc_endpoint.s3",
    ):
        assert address in made


def test_both_targets_hold_the_same(rehearsal: Rehearsal) -> None:
    found = rehearsal.compared
    assert [(each.table.name, each.differences) for each in found if not each.is_equal] == []
    rows = {each.table.name: each.right_rows for each in found}
    assert rows["fact_session"] == rows["sessions"] > 0
    assert rows["files"] > 3


def test_dags_and_command_started_the_jobs_that_terraform_made(rehearsal: Rehearsal) -> None:
    runs = rehearsal.runs
    assert len(runs) == 14  # three tables, landed and refined, and gold: by the DAGs, and by the command
    assert {run["JobRunState"] for run in runs} == {"SUCCEEDED"}
    assert {run["Arguments"]["--dq-engine"] for run in runs} == {"awsgluedq"}
    windows = {(str(window.first), str(window.last)) for window in DATASET.windows}
    assert {(run["Arguments"]["--from"], run["Arguments"]["--to"]) for run in runs} == windows


def test_jobs_read_and_wrote_as_their_roles_only(rehearsal: Rehearsal) -> None:
    """The archives were fetched, and the lake written, with credentials that may do what the roles' policies say."""
    glue = client("glue", rehearsal.environment.emulators.aws_url)
    runs = [run for run in glue.get_job_runs(JobName="deftunes-refine")["JobRuns"] if run["JobRunState"] == "SUCCEEDED"]
    assert runs
    for run in runs:
        folder = rehearsal.environment.emulators.folder / "runs" / f"deftunes-refine-{run['Id'][-12:]}"
        assert (folder / "glue_entry.py").is_file()
        assert list(folder.glob("spark_jobs-*.zip"))
