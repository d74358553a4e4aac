"""Signing in with the key of a service account: the real google-auth asks a local endpoint for the token."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import ee
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.transport.requests import Request

from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from series.errors import MissingCredentials
from series.service.earth_engine import Connection, call, connect
from series.service.sign_in import credentials_of

SCOPE = "https://www.googleapis.com/auth/earthengine"


class TokenEndpoint(ThreadingHTTPServer):
    """Gives a token to who asks with scopes, as Google does; remembers the claims. `answer` replaces what it says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.claims: list[dict[str, Any]] = []
        self.answer: dict[str, str] | None = None


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, TokenEndpoint)
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        part = form["assertion"][0].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        self.server.claims.append(claims)
        refusal = self.server.answer or (None if claims.get("scope") else {"error": "invalid_scope"})
        body = refusal or {"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"}
        self.send_response(400 if refusal else 200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[TokenEndpoint]:
    server = TokenEndpoint()
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def key(endpoint: TokenEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("keys") / "key.json"
    described = {
        "type": "service_account",
        "project_id": "some-project",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": "robot@some-project.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": f"http://127.0.0.1:{endpoint.server_address[1]}/token",
    }
    path.write_text(json.dumps(described), encoding="utf-8")
    return path


@pytest.mark.parametrize("given", ["option", "environment"])
def test_the_token_is_asked_with_the_scopes_of_earth_engine(
    endpoint: TokenEndpoint, key: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    if given == "environment":
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
    credentials = credentials_of(key if given == "option" else None)
    credentials.refresh(Request())
    assert credentials.token == "a-token"
    assert SCOPE in endpoint.claims[-1]["scope"].split()
    assert endpoint.claims[-1]["iss"] == "robot@some-project.iam.gserviceaccount.com"


def test_a_service_account_works_against_an_engine(endpoint: TokenEndpoint, key: Path) -> None:
    before = len(endpoint.claims)
    with serve(SimulatedSource()) as server:
        connect(Connection(url=server.url, project="some-project", service_account=key))
        assert call(lambda: ee.Number(1).add(1).getInfo()) == 2
    assert len(endpoint.claims) > before


def test_a_refused_grant_names_the_step(endpoint: TokenEndpoint, key: Path) -> None:
    endpoint.answer = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    try:
        with serve(SimulatedSource()) as server, pytest.raises(MissingCredentials, match="make a new key"):
            connect(Connection(url=server.url, service_account=key))
    finally:
        endpoint.answer = None


def test_keys_that_are_none_are_refused_with_what_to_do(tmp_path: Path) -> None:
    missing = tmp_path / "none.json"
    with pytest.raises(MissingCredentials, match=r"--service-account .*none.json: no such key file"):
        credentials_of(missing)
    missing.write_text('{"type": "authorized_user"}', encoding="utf-8")
    with pytest.raises(MissingCredentials, match="not a service account's JSON key"):
        credentials_of(missing)


def test_other_credentials_of_the_environment_are_left_to_the_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "user.json"
    path.write_text('{"type": "authorized_user"}', encoding="utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    assert credentials_of(None) == "persistent"
