"""The object store of the stack: its two buckets, and the platform's account, which may use these and nothing else.

`python -m deftunes.services.object_store prepare` makes them, as the store's administrator; again leaves the same.
`python -m deftunes.services.object_store check` asks, as the account, whether they can be used; `make doctor` calls it.
Secrets come from the environment and never stand on a command line.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from minio import Minio, MinioAdmin
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException, MinioException
from urllib3.exceptions import HTTPError

from deftunes import target

ADMINISTRATOR = "admin"
POLICY = "deftunes"


def policy(buckets: Sequence[str], principal: str = "") -> dict[str, Any]:
    """What the account may do. With a `principal`, which names the account, it is the policy of a bucket."""
    of_whom = {"Principal": {"AWS": [principal]}} if principal else {}
    in_bucket = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]
    in_object = [
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                **of_whom,
                "Action": actions,
                "Resource": [f"arn:aws:s3:::{each}{end}" for each in buckets],
            }
            for actions, end in ((in_bucket, ""), (in_object, "/*"))
        ],
    }


def prepare(endpoint: str, password: str, account: str, secret: str, buckets: Sequence[str], store: str) -> None:
    """Buckets, and the account with its rights. `store`: minio, or versitygw, which makes the account at its start."""
    client = connect(endpoint, ADMINISTRATOR, password)
    for bucket in buckets:
        if not client.bucket_exists(bucket_name=bucket):
            client.make_bucket(bucket_name=bucket)
        if store == "versitygw":
            client.set_bucket_policy(bucket_name=bucket, policy=json.dumps(policy([bucket], account)))
    if store == "minio":
        admin = administer(endpoint, password)
        admin.policy_add(POLICY, policy=policy(buckets))
        admin.user_add(account, secret)
        admin.policy_set(POLICY, user=account)


def check(endpoint: str, account: str, secret: str, buckets: Sequence[str]) -> None:
    """Raises MinioException, or HTTPError, unless the account can look into each bucket."""
    client = connect(endpoint, account, secret)
    for bucket in buckets:
        next(iter(client.list_objects(bucket_name=bucket)), None)


def connect(endpoint: str, account: str, secret: str) -> Minio:
    address = urlsplit(endpoint)
    return Minio(endpoint=address.netloc, access_key=account, secret_key=secret, secure=address.scheme == "https")


def administer(endpoint: str, password: str) -> MinioAdmin:
    address = urlsplit(endpoint)
    credentials = StaticProvider(ADMINISTRATOR, password)
    return MinioAdmin(endpoint=address.netloc, credentials=credentials, secure=address.scheme == "https")


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    values = target.current(Path(__file__).parents[2], environ)
    buckets = [urlsplit(values[key]).netloc for key in ("LANDING_URI", "WAREHOUSE_URI")]
    account, secret = environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"]
    try:
        if arguments == ["prepare"]:
            prepare(
                values["S3_ENDPOINT"],
                environ["OBJECT_STORE_PASSWORD"],
                account,
                secret,
                buckets,
                environ["OBJECT_STORE"],
            )
        elif arguments == ["check"]:
            check(values["S3_ENDPOINT"], account, secret, buckets)
        else:
            sys.stderr.write("usage: python -m deftunes.services.object_store prepare|check\n")
            return 2
    except (MinioException, MinioAdminException, HTTPError) as error:
        sys.stderr.write(f"{values['S3_ENDPOINT']}: {error}\n")
        return 1
    sys.stdout.write(f"{' and '.join(buckets)} at {values['S3_ENDPOINT']} for {account}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
