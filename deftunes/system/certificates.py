"""Certificate authorities of this machine, for programs that bring a list of their own: uv and the wheel's Java."""

import contextlib
import os
import re
import warnings
from collections.abc import Mapping
from pathlib import Path

BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")  # Debian, Fedora
VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # of OpenSSL and uv, of requests, of curl
BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
PASSWORD = "public"  # noqa: S105 - Java wants one; what it locks are public certificates


def authorities_file(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The PEM file of authorities that the environment names, made absolute; None if it names none that is there."""
    candidates = (Path(environ[name]) for name in VARIABLES if environ.get(name))
    return next((path.absolute() for path in candidates if path.is_file()), None)


def bundle(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The authorities that the environment names, else the system's own list of them, as a PEM file."""
    return authorities_file(environ) or next((path for path in map(Path, BUNDLES) if path.is_file()), None)


def java_options(folder: Path, environ: Mapping[str, str] = os.environ) -> list[str]:
    """JVM options with which Java trusts what this machine trusts; writes folder/truststore.p12."""
    authorities = bundle(environ)
    if authorities is None:
        return []
    store = folder / "truststore.p12"
    store.write_bytes(java_truststore(authorities.read_bytes()))
    trust = "-Djavax.net.ssl.trustStore"
    return [f"{trust}={store}", f"{trust}Type=PKCS12", f"{trust}Password={PASSWORD}"]


def java_truststore(pem: bytes) -> bytes:
    """A PKCS12 store of the certificates in `pem`, each under its number."""
    from cryptography import x509  # here, because set-up reads `bundle` before any package is installed
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    entries = []
    for number, block in enumerate(BLOCK.findall(pem)):
        with contextlib.suppress(ValueError), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # systems carry authorities that break newer rules; Java judges them itself
            entries.append(pkcs12.PKCS12Certificate(x509.load_pem_x509_certificate(block), str(number).encode()))
    return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(PASSWORD.encode()))
