"""Serves the API: python -m mock_api --port 8080 --seed 42 --scale 1."""

import argparse
import socket
import sys
from collections.abc import Sequence

import uvicorn

from mock_api.app import create_app
from mock_api.arguments import add_dataset_arguments
from mock_api.dataset import dataset
from mock_api.faults import Faults
from mock_api.songs_csv import SongsFileError

_IDLE_S = 60  # a client may keep a connection between two pages
_LAST_ANSWERS_S = 3  # to end open answers in, when told to stop


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until it is told to stop. Returns 1, with the reason on stderr, when it cannot start."""
    args = _parser().parse_args(arguments)
    try:
        faults = Faults() if args.allow_faults else None
        app = create_app(dataset(args.seed, args.scale, args.songs_csv), faults)
        listener = _listener(args.host, args.port)
    except (SongsFileError, ValueError, OSError) as error:
        print(f"mock_api cannot start: {error}", file=sys.stderr)  # noqa: T201  the program's one message
        return 1
    with listener:
        config = uvicorn.Config(app, timeout_keep_alive=_IDLE_S, timeout_graceful_shutdown=_LAST_ANSWERS_S)
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mock_api", description="The DeFtunes API, made up.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8080, help="port to listen on (default 8080, 0 = any free one)")
    parser.add_argument("--allow-faults", action="store_true", help="let PUT /faults make answers malformed, for tests")
    add_dataset_arguments(parser)
    return parser


def _listener(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        reason = (error.strerror or str(error)).split(" (")[0]
        raise OSError(f"port {port} of {host} cannot be used ({reason}): choose another --port or --host") from error


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give 0 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
