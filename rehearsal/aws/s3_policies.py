"""S3: moto reads a bucket's policy without its conditions, and so takes "deny what comes without TLS" for "deny all".

The emulator is reached over loopback, which stands for TLS: statements about requests without it do not apply.
"""

import json
from typing import Any

from moto.s3.models import FakeBucket

WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}


def applying(policy: bytes) -> bytes | None:
    """The policy without the statements that are about requests without TLS; None if nothing is left."""
    read = json.loads(policy)
    statements = [each for each in read["Statement"] if each.get("Condition") != WITHOUT_TLS]
    return json.dumps({**read, "Statement": statements}).encode() if statements else None


def extend() -> None:
    """From now on moto's buckets are asked with the policy that applies."""
    request = FakeBucket.get_permission

    def get_permission(bucket: FakeBucket, action: str, resource: str) -> Any:
        written = bucket.policy
        if written is None:
            return request(bucket, action, resource)
        bucket.policy = applying(written)
        try:
            return request(bucket, action, resource)
        finally:
            bucket.policy = written

    FakeBucket.get_permission = get_permission
