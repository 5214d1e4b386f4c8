"""What to do about what Redshift says on AWS: its words name neither the platform's part nor the way out.

Matched on words that several of its versions share; docs/aws.md has the same for what is met in a console.
"""

import re

ADVICE = (
    (
        r'schema "(deftunes_\w+)" does not exist|relation "?(deftunes_\w+)\.\w+"? does not exist',
        "the external schema {name} is missing in the warehouse: terraform apply "
        "-replace='module.serving.aws_redshiftdata_statement.external_schema[\"{name}\"]'",
    ),
    (
        r"EntityNotFoundException|Entity Not Found",
        "Glue's catalog has no such table: the first window of its job makes it, so refine one first",
    ),
    (
        r"not authorized to perform: ?(?P<name>\w+:\w+)|AccessDenied|Access Denied",
        "the warehouse's role lacks a permission {name}: compare it with serving in terraform/permissions.md; where "
        "Lake Formation governs the lake, grant it there too",
    ),
    (
        r"usage limit",
        "warehouse_monthly_rpu_hours is used up: raise it and apply, or wait for the next month",
    ),
    (
        r"password authentication failed|authentication failed for user",
        "the password is not the secret's: unset REDSHIFT_PASSWORD, or read the secret REDSHIFT_SECRET_ARN anew",
    ),
    (
        r"timed? ?out|could not connect|Connection refused|Name or service not known|communication error"
        r"|Temporary failure in name resolution",
        "REDSHIFT_HOST did not answer. A warehouse that was asleep is up within a minute: run the same window again. "
        "If it stays so, who asks is outside of the VPC, or its security group is not let in at port 5439",
    ),
)


def advice(message: str) -> str | None:
    """The way out of an error of Redshift's; None for one that is not about its surroundings."""
    for pattern, way_out in ADVICE:
        if found := re.search(pattern, message, re.IGNORECASE):
            return way_out.format(name=next(filter(None, found.groups()), "")).replace("  ", " ").replace(" :", ":")
    return None
