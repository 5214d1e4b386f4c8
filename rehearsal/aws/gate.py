"""The gate: between a job in its sandbox and the emulators, in AWS's place.

It answers for AWS's names by TLS, hands out the role's credentials, which end soon, and lets a request through when
they hold and the role's policies allow what it asks. What each role asked is written to calls.jsonl. Requests go one a
connection, so that each is looked at; what an object's body holds goes through unread.
"""

import asyncio
import contextlib
import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from deftunes.setup import runtimes
from rehearsal.aws import actions, policies
from rehearsal.aws.actions import Need
from rehearsal.aws.authority import Authority
from rehearsal.glue import roles
from rehearsal.glue.emulators import ACCOUNT, REGION, Credentials, Emulators
from rehearsal.glue.reach import Reach
from rehearsal.glue.sandbox import AWS_ADDRESS, CREDENTIALS_PORT, METADATA, Spec
from rehearsal.glue.sandbox import command as sandbox_command

LIFE_S = 60.0  # of credentials: a job outlives several of them
CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([\w-]+)/")
CHUNK = 1 << 16


@dataclass
class Session:
    """Credentials of a role, until `ends` (by time.monotonic)."""

    role: str
    given: Credentials
    statements: list[policies.Statement]
    ends: float


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    head: bytes


@dataclass
class Gate:
    """One for all runs. `folder` gets calls.jsonl."""

    emulators: Emulators
    authority: Authority
    life_s: float = LIFE_S
    _sessions: dict[str, Session] = field(default_factory=dict)
    _keys: dict[str, str | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def enter(self, role: str, network: Reach, addresses: list[tuple[str, int]], folder: Path) -> "Inside":
        """A sandbox for one process as this role, which reaches of AWS and of the addresses what the network holds."""
        self.session(role, is_new=True)
        sockets = Path(tempfile.mkdtemp(prefix="gate-"))  # a socket's path must be short
        inside = Inside(self.emulators.root, folder, sockets, self._loop)
        relays = [
            (AWS_ADDRESS, 443, inside.serve("aws", self._aws, self.authority.context)),
            ("127.0.0.1", CREDENTIALS_PORT, inside.serve("credentials", partial(self._give, role))),
            (METADATA, 80, inside.serve("metadata", _serve_region)),
        ]
        for host, port in addresses:
            if network.holds(host, port):
                relays.append((host, port, inside.serve(str(port), _passing(host, port))))
        names = [f"{service}.{REGION}.amazonaws.com" for service in sorted(network.services)]
        if "s3" in network.services:
            buckets = roles.client("s3", self.emulators.aws_url).list_buckets()["Buckets"]
            names += [f"{bucket['Name']}.s3.{REGION}.amazonaws.com" for bucket in buckets]
        Spec(names, relays, _stores(self.emulators.root, self.authority), str(folder)).write(folder / "sandbox.json")
        return inside

    def session(self, role: str, *, is_new: bool = False) -> Session:
        """The role's newest credentials with its policies of that moment: new ones when half of their life is over."""
        with self._lock:
            held = next((each for each in reversed(self._sessions.values()) if each.role == role), None)
            if is_new or held is None or held.ends - time.monotonic() < self.life_s / 2:
                statements = list(roles.statements(self.emulators, role))
                given = roles.credentials(self.emulators, role)
                held = Session(role, given, statements, time.monotonic() + self.life_s)
                self._sessions[given.key] = held
            return held

    async def _give(self, role: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Credentials as a container gets them. Arrow's own client gets none: in a Glue job it finds none either."""
        request = await _read_head(reader)
        if "aws-sdk-cpp" in request.headers.get("user-agent", ""):
            await _answer(writer, 403, b"{}")
            return
        held = await self._loop.run_in_executor(None, self.session, role)
        ends = datetime.fromtimestamp(time.time() + held.ends - time.monotonic(), UTC)
        body = {
            "AccessKeyId": held.given.key,
            "SecretAccessKey": held.given.secret,
            "Token": held.given.token,
            "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
        }
        await _answer(writer, 200, json.dumps(body).encode())

    async def _aws(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read_head(reader)
        host = request.headers["host"].split(":")[0]
        is_s3 = ".s3." in host or host.startswith("s3.")
        body = b"" if is_s3 and not _is_deletion(request) else await _read_body(reader, request)
        refusal = await self._loop.run_in_executor(None, self._refusal, request, host, is_s3, body)
        if refusal:
            if not body:
                await _drain(reader, request)
            await _answer(writer, *refusal)
            return
        url = self.emulators.s3_url if is_s3 else self.emulators.aws_url
        await self._pass_on(request, body, url, reader, writer, is_s3)

    async def _pass_on(
        self, request: Request, body: bytes, url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
        is_s3: bool,
    ) -> None:  # fmt: skip
        backend, port = url.removeprefix("http://").split(":")
        there, back = await asyncio.open_connection(backend, int(port))
        back.write(_closing(request.head) + body)
        sending = asyncio.ensure_future(_pump(reader, back))
        try:
            first = await there.readline()
            if is_s3 and b" 404 " in first and not self._may_know_of_missing(request):
                await _answer(writer, 403, _s3_error("AccessDenied", "Access Denied"), "application/xml")
            else:
                writer.write(first)
                await _pump(there, writer)
        finally:
            sending.cancel()
            back.close()

    def _may_know_of_missing(self, request: Request) -> bool:
        """S3 says that an object is not there only to who may list the bucket."""
        session = self._sessions[CREDENTIAL.search(request.headers["authorization"])[1]]  # type: ignore[index]  let in
        needs = actions.of_s3(
            request.method, request.headers["host"].split(":")[0], request.target, request.headers, b""
        )
        buckets = {need.resource.split("/")[0] for need in needs}
        return all(policies.allows(session.statements, "s3:ListBucket", bucket, {}) for bucket in buckets)

    def _refusal(self, request: Request, host: str, is_s3: bool, body: bytes) -> tuple[int, bytes, str] | None:
        """What AWS would answer in the emulator's place; None lets the request through."""
        signed = CREDENTIAL.search(request.headers.get("authorization", ""))
        if signed is None:
            return _error(is_s3, 403, "AccessDenied", "the request is not signed")
        if signed[2] != REGION:
            return _error(
                is_s3, 400, "AuthorizationHeaderMalformed", f"the region {signed[2]} is wrong; it is {REGION}"
            )
        session = self._sessions.get(signed[1])
        if session is None:
            return _error(is_s3, 403, "InvalidClientTokenId", "nobody was given these credentials")
        if session.ends < time.monotonic():
            return _error(is_s3, 400, "ExpiredToken", "The provided token has expired.")
        needs = list(
            actions.of_s3(request.method, host, request.target, request.headers, body)
            if is_s3
            else actions.of_json(request.headers.get("x-amz-target", "none.none"), body)
        )
        for need in [*needs, *self._needs_of_keys(needs)]:
            is_allowed = policies.allows(session.statements, need.action, need.resource, need.context)
            self._write_down(session, need, is_allowed)
            if not is_allowed:
                who = f"arn:aws:sts::{ACCOUNT}:assumed-role/{session.role}/job"
                response = f"User: {who} is not authorized to perform: {need.action} on resource: {need.resource}"
                return _error(is_s3, 403, "AccessDenied", f"{response} because no identity-based policy allows it")
        return None

    def _needs_of_keys(self, needs: list[Need]) -> list[Need]:
        """S3 and Secrets Manager ask KMS in the role's name, with the key of the bucket or of the secret."""
        verbs = {
            "s3:GetObject": "Decrypt",
            "s3:PutObject": "GenerateDataKey",
            "secretsmanager:GetSecretValue": "Decrypt",
        }
        keys = ((verbs[need.action], self._key_of(need.resource)) for need in needs if need.action in verbs)
        return [Need(f"kms:{verb}", key) for verb, key in keys if key]

    def _key_of(self, resource: str) -> str | None:
        """ARN of the key that encrypts a bucket's objects or a secret, as the emulators hold it."""
        name = resource.split("/")[0]
        if name not in self._keys:
            self._keys[name] = _kms_key(self.emulators, name)
        return self._keys[name]

    def _write_down(self, session: Session, need: Need, is_allowed: bool) -> None:
        line = {
            "role": session.role,
            "key": session.given.key,
            "action": need.action,
            "resource": need.resource,
            "is_allowed": is_allowed,
        }
        with self._lock, (self.emulators.folder / "calls.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")


@dataclass
class Inside:
    """A sandbox's doors: Unix sockets, which lead out of a network namespace; `close` ends and removes them."""

    root: Path
    folder: Path
    sockets: Path
    loop: asyncio.AbstractEventLoop
    servers: list[asyncio.AbstractServer] = field(default_factory=list)

    def command(self, job: list[str]) -> list[str]:
        """The command line that runs the job inside."""
        return sandbox_command(self.root / ".venv/spark/bin/python", self.folder / "sandbox.json", job)

    def serve(self, name: str, handler: Callable[..., Any], context: Any = None) -> str:
        """Listens on a socket of this name; its path."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await handler(reader, writer)
            writer.close()

        starting = asyncio.start_unix_server(handle, str(self.sockets / name), ssl=context)
        started: Future[asyncio.AbstractServer] = asyncio.run_coroutine_threadsafe(starting, self.loop)
        self.servers.append(started.result(timeout=10))
        return str(self.sockets / name)

    def close(self) -> None:
        for server in self.servers:
            self.loop.call_soon_threadsafe(server.close)
        shutil.rmtree(self.sockets, ignore_errors=True)


def _passing(host: str, port: int) -> Callable[..., Any]:
    """Hands a connection on as it is: to a database, or to an API on the internet."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, port)
        try:
            await asyncio.wait(
                [asyncio.ensure_future(_pump(reader, back)), asyncio.ensure_future(_pump(there, writer))]
            )
        finally:
            back.close()

    return handler


async def _serve_region(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The metadata of the machine: where it stands, and no credentials."""
    request = await _read_head(reader)
    if request.target == "/latest/api/token":
        await _answer(writer, 200, b"token", "text/plain")
    elif request.target == "/latest/meta-data/placement/region":
        await _answer(writer, 200, REGION.encode(), "text/plain")
    elif request.target == "/latest/dynamic/instance-identity/document":
        await _answer(writer, 200, json.dumps({"region": REGION}).encode())
    else:
        await _answer(writer, 404, b"")


async def _read_head(reader: asyncio.StreamReader) -> Request:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines if line)
    return Request(method, target, {name.lower(): value.strip() for name, value in pairs}, head)


async def _read_body(reader: asyncio.StreamReader, request: Request) -> bytes:
    return await reader.readexactly(int(request.headers.get("content-length", 0)))


async def _drain(reader: asyncio.StreamReader, request: Request) -> None:
    """Takes what a client still sends, which would not read an answer before."""
    if request.headers.get("expect", "").lower() != "100-continue":
        await _read_body(reader, request)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()


async def _answer(writer: asyncio.StreamWriter, status: int, body: bytes, kind: str = "application/json") -> None:
    head = f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


def _closing(head: bytes) -> bytes:
    """The head, which asks the server for no further request on the connection."""
    kept = re.sub(rb"\r\nconnection:[^\r]*", b"", head, flags=re.IGNORECASE)
    return kept[:-2] + b"Connection: close\r\n\r\n"


def _is_deletion(request: Request) -> bool:
    """True for the one request to S3 whose body names what it asks."""
    return request.method == "POST" and "?delete" in request.target


def _error(is_s3: bool, status: int, code: str, message: str) -> tuple[int, bytes, str]:
    if is_s3:
        return status, _s3_error(code, message), "application/xml"
    body = json.dumps({"__type": f"{code}Exception", "message": message}).encode()
    return 400, body, "application/x-amz-json-1.1"


def _s3_error(code: str, message: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


def _stores(root: Path, authority: Authority) -> list[tuple[str, str]]:
    """Where clients look for authorities that they trust: boto3, requests and Arrow in PEM, Java in its own form."""
    packages = next((root / ".venv/spark/lib").glob("python3*")) / "site-packages"
    bundles = [packages / "certifi/cacert.pem", packages / "botocore/cacert.pem"]
    bundles.append(Path("/etc/ssl/certs/ca-certificates.crt"))
    java = runtimes.java_home(root) / "lib/security/cacerts"
    return [*((str(authority.trusted), str(each)) for each in bundles), (str(authority.java_store), str(java))]


def _kms_key(emulators: Emulators, name: str) -> str | None:
    if name.startswith("arn:aws:s3:::"):
        s3 = roles.client("s3", emulators.aws_url)
        rules = s3.get_bucket_encryption(Bucket=name.removeprefix("arn:aws:s3:::"))
        default = rules["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
        return str(default["KMSMasterKeyID"])
    return roles.client("secretsmanager", emulators.aws_url).describe_secret(SecretId=name).get("KmsKeyId")
