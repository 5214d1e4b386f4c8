"""What a rehearsal does not show: things of terraform/ that no emulator holds here, why, and what covers them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    what: str
    why: str
    covered_by: str


TERRAFORM_TEST = "make check-terraform"

MINIMUM_TEST = "tests/contract/test_aws_minimum.py"
POLICY_TEST = "tests/contract/test_terraform_policies.py"

LIMITS = (
    Limit("module.source: the demonstration's RDS", "the database is one's own here: source_database", TERRAFORM_TEST),
    Limit("module.orchestration: MWAA", "moto has none; the DAGs run in an Airflow of its version", TERRAFORM_TEST),
    Limit(
        "module.schedule: an execution",
        "moto reads the state machine and runs none",
        "tests/contract/test_state_machine.py",
    ),
    Limit(
        "module.dashboards: ECS and the balancer",
        "moto starts no containers",
        "tests/contract/test_dashboards_environment.py",
    ),
    Limit("module.maintenance: table optimizers", "moto has none", TERRAFORM_TEST),
    Limit("terraform/bootstrap: remote state and its lock", "the state is a file here", TERRAFORM_TEST),
    Limit("encryption itself", "MinIO stores without KMS; the right to the key is asked for", POLICY_TEST),
    Limit("what services do with a role themselves", "no emulator makes those calls", MINIMUM_TEST),
    Limit("Glue's own Spark and awsgluedq", "Spark of PyPI, and a double of awsgluedq", "targets/runtime.toml"),
    Limit("Redshift's planner, Spectrum, limits", "PostgreSQL answers behind the front", "docs/aws.md"),
)
