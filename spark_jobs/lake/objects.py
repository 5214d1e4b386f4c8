"""Objects: small files by address, on a disk or in an object store."""

import os
from functools import cache, lru_cache
from typing import Any

from pyarrow import fs  # type: ignore[import-untyped]

from spark_jobs.problem import Problem


def filesystem(uri: str) -> tuple[Any, str]:
    """Arrow's file system of an address, and the path in it, as it is: Arrow would want é in a `file://` as %C3%A9.

    Of `s3://`, it holds credentials that end: ask again for each use. Raises Problem if there are none.
    """
    if uri.startswith("file:///"):
        return fs.LocalFileSystem(), uri.removeprefix("file://")
    if uri.startswith("s3://"):
        return _object_store(), uri.removeprefix("s3://").rstrip("/")
    found: tuple[Any, str] = fs.FileSystem.from_uri(uri)
    return found


def _object_store() -> Any:
    """S3 as boto3 finds it: by itself, Arrow looks for credentials in fewer places, and in a Glue job in none that
    has them (apache/arrow#38421)."""
    session, region, endpoint = _client_of_s3()
    credentials = session.get_credentials()
    if credentials is None:
        raise Problem(
            "There are no credentials for S3",
            endpoint,
            "boto3 found none in the environment, in ~/.aws and at the addresses that give a role's",
            "give the job a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    held = credentials.get_frozen_credentials()  # asks for new ones before these end
    return _file_system(held.access_key, held.secret_key, held.token or "", region, endpoint)


@cache
def _client_of_s3() -> tuple[Any, str, str]:
    """A session of boto3, and the region and the address that it would use."""
    import boto3  # type: ignore[import-untyped]  # takes a second, and a lake on a disk does without

    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
    meta = session.client("s3").meta
    return session, meta.region_name, meta.endpoint_url


@lru_cache(maxsize=1)
def _file_system(key: str, secret: str, token: str, region: str, endpoint: str) -> Any:
    scheme, _, host = endpoint.partition("://")
    return fs.S3FileSystem(
        access_key=key, secret_key=secret, session_token=token, region=region, scheme=scheme, endpoint_override=host
    )


def read_text(uri: str) -> str:
    """The text at a path, a `file://` or an `s3://` address. Raises Problem if there is none."""
    try:
        if "://" not in uri:
            with open(uri, encoding="utf-8") as file:
                return file.read()
        opened, path = filesystem(uri)
        with opened.open_input_stream(path) as stream:
            return str(stream.read(), "utf-8")
    except OSError as error:
        raise Problem("A file cannot be read", uri, str(error), "check the address, then run again") from error
