"""Objects: small files by address, on a disk or in an object store."""

from typing import Any

from pyarrow import fs  # type: ignore[import-untyped]

from spark_jobs.problem import Problem


def filesystem(uri: str) -> tuple[Any, str]:
    """Arrow's file system of an address, and the path in it, as it is: Arrow would want é in a `file://` as %C3%A9."""
    if uri.startswith("file:///"):
        return fs.LocalFileSystem(), uri.removeprefix("file://")
    found: tuple[Any, str] = fs.FileSystem.from_uri(uri)
    return found


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
