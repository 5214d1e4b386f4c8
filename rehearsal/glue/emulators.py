"""Where the emulators answer, and what Glue sets for its own jobs beside their definition."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from deftunes.services import ports

REGION = "eu-west-1"
ACCOUNT = "123456789012"  # moto's only one


@dataclass(frozen=True)
class Emulators:
    """`root`: the checkout whose environments and jars are used; `folder`: where the rehearsal leaves its things.

    `aws_url`: moto's; `s3_url`: MinIO's, whose administrator is `s3_user` with `s3_password`.
    """

    root: Path
    folder: Path
    aws_url: str
    s3_url: str
    s3_user: str
    s3_password: str

    @classmethod
    def on_free_ports(cls, root: Path, folder: Path) -> "Emulators":
        """Addresses on ports that are free now, and a password nobody knows."""
        aws_port = ports.any_free(f"{root}/aws", set())
        s3_port = ports.any_free(f"{root}/s3", {aws_port})
        url = "http://127.0.0.1"
        return cls(root, folder, f"{url}:{aws_port}", f"{url}:{s3_port}", "rehearsal", secrets.token_hex(12))

    def as_text(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def read(cls, written: Mapping[str, str]) -> "Emulators":
        others = {name: written[name] for name in ("aws_url", "s3_url", "s3_user", "s3_password")}
        return cls(root=Path(written["root"]), folder=Path(written["folder"]), **others)


@dataclass(frozen=True)
class Credentials:
    """Of a role, for the length of a run."""

    key: str
    secret: str
    token: str


def administrator(emulators: Emulators) -> Credentials:
    """Of whoever deployed the platform: MinIO's own account, and moto takes any."""
    return Credentials(emulators.s3_user, emulators.s3_password, "")


def injected_environment(emulators: Emulators, credentials: Credentials) -> Mapping[str, str]:
    """What somebody's own shell tells AWS's clients: who asks, and that the emulators are AWS. Jobs get none of it."""
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": credentials.key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret,
        "AWS_SESSION_TOKEN": credentials.token,
        "AWS_ENDPOINT_URL": emulators.aws_url,
        "AWS_ENDPOINT_URL_S3": emulators.s3_url,
    }


# What Glue's own image sets or its newer S3A does: s3:// is read by S3A, as the role of the job; marks of folders stay.
GLUES_CONF = {
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.fs.s3a.directory.marker.retention": "keep",
    "spark.hadoop.fs.s3a.aws.credentials.provider": "org.apache.hadoop.fs.s3a.auth.IAMInstanceCredentialsProvider",
}

# One machine instead of workers: set by Glue for its own.
MACHINE_CONF = {
    "spark.master": "local[2]",
    "spark.driver.memory": "1500m",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Duser.timezone=UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
