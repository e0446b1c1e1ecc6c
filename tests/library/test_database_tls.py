"""A database with a certificate: of an authority of one's own, or of one that the system knows."""

from __future__ import annotations

import os
import select
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dora import database as dora_database
from dora.errors import TemporaryError
from local.postgresql import Postgresql
from tests.conftest import open_folder

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(not OPENSSL, reason="there is no openssl")
CERTIFICATES = """\
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -keyout ca.key -out ca.crt -subj /CN=ours
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout server.key -out server.csr -subj /CN=localhost
printf 'subjectAltName=DNS:localhost' >names
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -days 2 -extfile names -out server.crt
"""


@pytest.fixture(scope="module")
def authority(data_folder: Path) -> Path:
    """A folder with a certificate of localhost, and its authority's."""
    folder = open_folder(data_folder)
    subprocess.run(["/bin/sh", "-ec", CERTIFICATES], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def port(server: Postgresql, authority: Path) -> Iterator[int]:
    """Where the database answers with that certificate; its own build knows no TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.crt", authority / "server.key")
    with socket.create_server(("localhost", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, context, server.port), daemon=True).start()
        yield listener.getsockname()[1]


def _serve(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):  # the listener is closed
        while True:
            client, _ = listener.accept()
            with suppress(OSError):
                _pass_on(client, context, port)


def _pass_on(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """Answer one client's request for TLS, then pass on what both say."""
    with client:
        client.recv(8)  # the request for TLS
        client.sendall(b"S")
        with (
            context.wrap_socket(client, server_side=True) as secure,
            socket.create_connection(("127.0.0.1", port)) as database,
        ):
            while True:
                ready, _, _ = select.select([secure, database], [], [])
                for side in ready:
                    data = side.recv(65536)
                    if not data:
                        return
                    (database if side is secure else secure).sendall(data)


@pytest.fixture
def _connecting(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(("PG", "SSL_CERT"))]:
        monkeypatch.delenv(name)
    for name, value in {
        "PGHOST": "localhost",
        "PGPORT": str(port),
        "PGDATABASE": "postgres",
    }.items():
        monkeypatch.setenv(name, value)
    yield
    dora_database.close()


@pytest.mark.usefixtures("_connecting")
@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_an_authority_of_ones_own_is_a_file(
    authority: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv("PGSSLMODE", mode)
    monkeypatch.setenv("PGSSLROOTCERT", str(authority / "ca.crt"))

    dora_database.ping()  # raises where nothing answers


@pytest.mark.usefixtures("_connecting")
def test_the_systems_authorities_are_asked_by_name(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", "system")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.crt"))  # the system's, to OpenSSL

    dora_database.ping()  # raises where nothing answers


@pytest.mark.usefixtures("_connecting")
def test_what_no_authority_of_the_system_signed_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", "system")

    with pytest.raises(TemporaryError, match="certificate verify failed"):
        dora_database.ping()
