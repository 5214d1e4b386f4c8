"""Answers to calls in AWS's JSON protocol, by the operation that X-Amz-Target names; the others are moto's."""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Answer = Callable[[dict[str, Any]], dict[str, Any]]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class AwsError(Exception):
    """An error that the client gets: its code as AWS names it, and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OwnAnswers:
    """A WSGI application in front of another one, which is asked what this one does not know."""

    def __init__(self, beyond: Application, answers: Mapping[str, Answer]) -> None:
        self._beyond, self._answers = beyond, answers

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self._answers.get(environ.get("HTTP_X_AMZ_TARGET", ""))
        if answer is None:
            return self._beyond(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            return _respond(start_response, "200 OK", answer(json.loads(body or b"{}")))
        except NotOursError:
            environ["wsgi.input"] = io.BytesIO(body)
            return self._beyond(environ, start_response)
        except AwsError as error:
            return error_answer(start_response, error.code, str(error))


def error_answer(start_response: Any, code: str, message: str) -> list[bytes]:
    """An error as AWS answers it."""
    return _respond(start_response, "400 Bad Request", {"__type": code, "message": message})


def _respond(start_response: Any, status: str, response: dict[str, Any]) -> list[bytes]:
    content = json.dumps(response).encode()
    start_response(status, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(content)))])
    return [content]


class NotOursError(Exception):
    """Raised by an answer to leave the call to moto after all."""
