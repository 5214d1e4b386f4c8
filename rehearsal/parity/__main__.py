"""`python -m rehearsal.parity`: what the local target holds against what an account holds, the same window in both.

Run the same window on both first, from the same sources. Credentials and region are those of the AWS command line
(`--profile`); addresses are the values that `make aws-env` wrote. It has never been run against an account.
"""

import argparse
import os
import sys
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import redshift_connector
from pyiceberg.catalog import load_catalog

from deftunes import target
from deftunes.gold.warehouse_password import warehouse_password
from rehearsal.parity import report
from rehearsal.parity.comparison import compared
from rehearsal.parity.targets import Aws, local


def main() -> int:
    parser = argparse.ArgumentParser(prog="rehearsal.parity", description=__doc__)
    parser.add_argument("--from", dest="first", required=True, help="first day of the window both sides ran")
    parser.add_argument("--to", dest="last", required=True)
    parser.add_argument("--profile", help="profile of the AWS command line")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--scale", type=float, default=1.0)
    args = parser.parse_args()
    root = Path.cwd()
    with local(root) as here:
        comparisons = compared(here, account(target.load("aws", root), args.profile))
    conditions = report.Conditions("embedded", "aws", args.first, args.last, args.seed, args.scale)
    report.write(comparisons, conditions, root / "var", root / "var")
    sys.stdout.write(report.page(comparisons, conditions))
    return 0 if all(each.is_equal for each in comparisons) else 1


def account(values: target.Target, profile: str | None) -> Aws:
    """The platform in the account. Raises TargetError when its password cannot be had."""
    session = boto3.Session(profile_name=profile)
    password = warehouse_password(values["REDSHIFT_SECRET_ARN"], os.environ)

    def rows(sql: str) -> tuple[list[str], list[tuple[object, ...]]]:
        connection = redshift_connector.connect(
            host=values["REDSHIFT_HOST"],
            database=values["REDSHIFT_DATABASE"],
            user=values["REDSHIFT_USER"],
            password=password,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return [str(each[0]) for each in cursor.description or ()], [tuple(row) for row in cursor.fetchall()]

    catalog = load_catalog("lake", type="glue", **({"glue.profile-name": profile} if profile else {}))
    return Aws(catalog, session.client("s3"), values["LANDING_URI"], rows)


if __name__ == "__main__":
    sys.exit(main())
