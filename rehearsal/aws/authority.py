"""Certificates of the rehearsal: an authority of its own, a certificate for AWS's names, and stores that trust it.

A job trusts what stands in the usual stores of its machine. In its sandbox these files stand in their place, so that
it speaks TLS with the emulators and with nobody else.
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rehearsal.glue.emulators import REGION

NAMES = (f"*.{REGION}.amazonaws.com", f"*.s3.{REGION}.amazonaws.com")
LASTS = timedelta(days=2)


@dataclass(frozen=True)
class Authority:
    """`trusted`: PEM of the authority; `java_store`: the same as a trust store of Java; `context`: of the servers."""

    trusted: Path
    java_store: Path
    context: ssl.SSLContext


def make(folder: Path) -> Authority:
    """A new authority, whose files go below the folder. Its key stays in memory."""
    folder.mkdir(parents=True, exist_ok=True)
    key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the rehearsal")])
    own = _certificate(name, name, key.public_key(), is_authority=True).sign(key, hashes.SHA256())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAMES[0])])
    server = _certificate(subject, name, server_key.public_key(), is_authority=False).sign(key, hashes.SHA256())
    authority = Authority(folder / "authority.pem", folder / "cacerts", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    authority.trusted.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    entries = [pkcs12.PKCS12Certificate(own, b"rehearsal")]
    authority.java_store.write_bytes(pkcs12.serialize_java_truststore(entries, serialization.NoEncryption()))
    chain = folder / "server.pem"
    chain.touch(mode=0o600)
    chain.write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + server.public_bytes(serialization.Encoding.PEM)
    )
    authority.context.load_cert_chain(chain)
    return authority


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, is_authority: bool
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if is_authority:
        return built
    names = x509.SubjectAlternativeName([x509.DNSName(each) for each in NAMES])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return built.add_extension(names, critical=False).add_extension(usage, critical=False)
