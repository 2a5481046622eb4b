"""The official Python MCP SDK against a running Chancery, with a pre-registered client."""

import asyncio
import json
import os
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from person import Person
from protected_server import protected_server


def setting(name: str) -> str:
    """The named environment variable; the program cannot do anything useful without it."""
    value = os.environ.get(name)
    if not value:
        sys.exit(f"set {name}")
    return value


ISSUER = setting("CHANCERY_URL")
REDIRECT_URI = setting("REDIRECT_URI")
# The SDK sends the secret by whichever method the registration names; each is a run of its own.
AUTH_METHODS = ("client_secret_post", "client_secret_basic")


class Report:
    """Collects named checks, prints them as one JSON document; the exit code tells whether all passed."""

    def __init__(self, client: str):
        self._client = client
        self._steps: list[dict[str, object]] = []

    async def step(self, name: str, check: Callable[[], Awaitable[None]]) -> None:
        try:
            await check()
            self._steps.append({"name": name, "ok": True})
        except Exception:  # noqa: BLE001 - whatever a check meets belongs in the report
            self._steps.append({"name": name, "ok": False, "error": traceback.format_exc()})

    def finish(self) -> int:
        ok = bool(self._steps) and all(step["ok"] for step in self._steps)
        print(json.dumps({"client": self._client, "ok": ok, "steps": self._steps}, indent=2))
        return 0 if ok else 1


class PreRegistered(TokenStorage):
    """Holds a client that an administrator made; the SDK never registers one."""

    def __init__(self, auth_method: str):
        self.tokens: OAuthToken | None = None
        self._client = OAuthClientInformationFull(
            client_id=setting("CLIENT_ID"),
            client_secret=setting("CLIENT_SECRET"),
            redirect_uris=[REDIRECT_URI],
            token_endpoint_auth_method=auth_method,
        )

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        raise AssertionError("the SDK replaced the pre-registered client")


async def run(report: Report, url: str, auth_method: str) -> None:
    person = Person()
    await person.sign_in(ISSUER, setting("CHANCERY_EMAIL"), setting("CHANCERY_PASSWORD"))
    asked: dict[str, list[str]] = {}
    location = ""

    async def redirect(authorization_url: str) -> None:
        nonlocal location, asked
        asked = parse_qs(urlsplit(authorization_url).query)
        location = await person.allow(authorization_url)

    async def callback() -> AuthorizationCodeResult:
        assert location.startswith(REDIRECT_URI), f"redirected to {location}"
        answer = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert answer.get("iss") == ISSUER, f"iss is {answer.get('iss')}"
        return AuthorizationCodeResult(code=answer["code"], state=answer.get("state"), iss=answer.get("iss"))

    storage = PreRegistered(auth_method)
    provider = OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(client_name="python", redirect_uris=[REDIRECT_URI]),
        storage=storage,
        redirect_handler=redirect,
        callback_handler=callback,
    )

    @asynccontextmanager
    async def connected():
        async with httpx2.AsyncClient(auth=provider) as http, Client(streamable_http_client(url, http_client=http)) as client:
            yield client

    async def call_tool() -> None:
        async with connected() as client:
            result = await client.call_tool("whoami")
        assert not result.is_error, result
        assert result.structured_content["client_id"] == setting("CLIENT_ID"), result

    async def status_with(token: str) -> int:
        async with httpx2.AsyncClient() as http:
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
            answer = await http.post(url, headers=headers, json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
        return answer.status_code

    async def first_flow() -> None:
        await call_tool()
        assert asked["resource"] == [url], f"resource is {asked.get('resource')}"
        assert asked["code_challenge_method"] == ["S256"], "no S256 challenge was sent"
        assert storage.tokens is not None and storage.tokens.refresh_token and storage.tokens.expires_in

    await report.step(f"{auth_method}: discovery, authorization, exchange and a tool call", first_flow)
    first = storage.tokens

    async def refresh() -> None:
        nonlocal location
        location = "no second authorization was expected"
        provider.context.token_expiry_time = time.time() - 1
        await call_tool()
        assert first is not None and storage.tokens is not None
        assert storage.tokens.access_token != first.access_token, "the access token did not change"
        assert storage.tokens.refresh_token != first.refresh_token, "the refresh token was not rotated"

    await report.step(f"{auth_method}: an expired token is refreshed and a tool called", refresh)

    async def old_is_dead() -> None:
        assert first is not None and storage.tokens is not None
        statuses = await status_with(first.access_token), await status_with(storage.tokens.access_token)
        assert statuses[0] == 401 and statuses[1] < 400, f"old and new token answered {statuses}"

    await report.step(f"{auth_method}: the refreshed-away token is dead, the new one lives", old_is_dead)
    await person.leave()


async def main() -> int:
    report = Report(f"mcp {version('mcp')}")
    async with protected_server(ISSUER, setting("RESOURCE_CLIENT_ID"), setting("RESOURCE_CLIENT_SECRET")) as url:
        for auth_method in AUTH_METHODS:
            await run(report, url, auth_method)
    return report.finish()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
