"""The Redshift front: python -m rehearsal.redshift --postgres DSN --listen PORT --catalog NAME=VALUE ..."""

import argparse
import asyncio
import logging
import signal
import sys
from urllib.parse import urlsplit

from rehearsal.redshift.database import DatabaseError, prepare
from rehearsal.redshift.external import ExternalSchemas
from rehearsal.redshift.refusals import REFUSALS
from rehearsal.redshift.server import Front


def main(arguments: list[str] | None = None) -> int:
    options = _arguments(arguments)
    if options.refusals:
        print(refusals_table())  # noqa: T201  what was asked for
        return 0
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it cannot read, the front refuses
    try:
        prepare(options.postgres)
    except DatabaseError as error:
        print(error, file=sys.stderr)  # noqa: T201  the command's own word
        return 3
    asyncio.run(serve(options.postgres, options.host, options.listen, dict(options.catalog)))
    return 0


async def serve(dsn: str, host: str, port: int, catalog: dict[str, str]) -> None:
    """Until SIGTERM or SIGINT. Says on standard output where it listens: port 0 is any free one."""
    where = urlsplit(dsn)
    front = Front(where.hostname or "127.0.0.1", where.port or 5432, ExternalSchemas(dsn, catalog))
    server = await front.listen(host, port)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    print(f"listening on {host}:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201  who started it waits
    await ended.wait()
    server.close()


def refusals_table() -> str:
    """The table of what is refused, as Markdown."""
    lines = [f"| {each.what} | `{each.example}` | {each.reason} | {each.page} |" for each in REFUSALS]
    return "\n".join(["| refused | for example | because | AWS page |", "|---|---|---|---|", *lines])


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.redshift", description=__doc__)
    parser.add_argument(
        "--postgres", metavar="DSN", default="", help="postgresql://superuser:password@host:port/database"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--listen", type=int, default=5439, metavar="PORT", help="0 is any free one")
    parser.add_argument("--catalog", type=_property, action="append", default=[], metavar="NAME=VALUE",
                        help="of pyiceberg's catalog: type=glue, glue.endpoint=..., s3.endpoint=...")  # fmt: skip
    parser.add_argument("--refusals", action="store_true", help="print what is refused, and why")
    return parser.parse_args(arguments)


def _property(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is no NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
