"""A certificate authority for tests, and what it has signed; by the openssl program."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Certificates:
    """
    Paths of an authority's certificate and of a server's and a client's key pairs.
    """

    authority: Path
    server: Path
    client: Path

    def server_context(self, *, ask_client: bool = False) -> ssl.SSLContext:
        """
        What a server listens with.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        if ask_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.authority)
        return context


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """
    An authority, a server "localhost" and a client, for this run only.
    """
    if shutil.which("openssl") is None:
        pytest.skip("no openssl: it makes the certificates")
    folder = tmp_path_factory.mktemp("certificates")
    authority = folder / "authority.pem"
    _openssl(
        folder,
        *_new("authority", "authority"),
        *("-addext", "basicConstraints=critical,CA:TRUE"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )
    return Certificates(
        authority,
        _signed(folder, "server", "localhost"),
        _signed(folder, "client", "client"),
    )


def _new(name: str, subject: str) -> tuple[str, ...]:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    files = ("-keyout", f"{name}.key", "-out", f"{name}.pem")
    return ("req", "-x509", *key, *files, "-days", "2", "-subj", f"/CN={subject}")


def _signed(folder: Path, name: str, subject: str) -> Path:
    _openssl(
        folder,
        *_new(name, subject),
        *("-CA", "authority.pem", "-CAkey", "authority.key"),
        *("-addext", f"subjectAltName=DNS:{subject},IP:127.0.0.2"),
    )
    both = folder / f"{name}.both.pem"
    both.write_text(
        (folder / f"{name}.key").read_text() + (folder / f"{name}.pem").read_text()
    )
    return both


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
