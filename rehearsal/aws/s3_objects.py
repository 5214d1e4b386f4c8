"""S3's objects: what is done in moto's buckets is done in MinIO's, where jobs and readers find them.

moto keeps what a bucket is (policy, key, lifecycle), MinIO what is in it. Who lists all versions in a bucket, which is
how Terraform empties one, is told of MinIO's objects too: a bucket that holds one cannot be deleted.
"""

from typing import Any

from moto.s3.models import FakeDeleteMarker, S3Backend

from rehearsal.glue import roles
from rehearsal.glue.emulators import Emulators


def extend(emulators: Emulators) -> None:
    """From now on moto's buckets have MinIO's objects."""
    data = roles.client("s3", emulators.s3_url, emulators.s3_user, emulators.s3_password)
    create, put, versions = S3Backend.create_bucket, S3Backend.put_object, S3Backend.list_object_versions
    remove, delete = S3Backend.delete_object, S3Backend.delete_bucket

    def create_bucket(backend: S3Backend, bucket_name: str, *given: Any, **named: Any) -> Any:
        made = create(backend, bucket_name, *given, **named)
        data.create_bucket(Bucket=bucket_name)
        return made

    def put_object(backend: S3Backend, bucket_name: str, key_name: str, value: bytes, *given: Any, **named: Any) -> Any:
        kept = put(backend, bucket_name, key_name, value, *given, **named)
        data.put_object(Bucket=bucket_name, Key=key_name, Body=value)
        return kept

    def list_object_versions(backend: S3Backend, bucket_name: str, *given: Any, **named: Any) -> Any:
        known = backend.get_bucket(bucket_name).keys
        for key in _keys(data, bucket_name):
            if key not in known:
                put(backend, bucket_name, key, b"")
        return versions(backend, bucket_name, *given, **named)

    def delete_object(backend: S3Backend, bucket_name: str, key_name: str, *given: Any, **named: Any) -> Any:
        removed = remove(backend, bucket_name, key_name, *given, **named)
        data.delete_object(Bucket=bucket_name, Key=key_name)
        return removed

    def delete_bucket(backend: S3Backend, bucket_name: str) -> Any:
        if _keys(data, bucket_name):
            return None  # moto answers BucketNotEmpty
        if (deleted := delete(backend, bucket_name)) is not None:
            data.delete_bucket(Bucket=bucket_name)
        return deleted

    # moto disposes of each version of a key that it forgets, and has forgotten that markers of a deletion are some.
    FakeDeleteMarker.dispose = lambda _: None
    S3Backend.create_bucket, S3Backend.put_object = create_bucket, put_object
    S3Backend.list_object_versions = list_object_versions
    S3Backend.delete_object, S3Backend.delete_bucket = delete_object, delete_bucket


def _keys(data: Any, bucket: str) -> list[str]:
    pages = data.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [each["Key"] for page in pages for each in page.get("Contents", [])]
