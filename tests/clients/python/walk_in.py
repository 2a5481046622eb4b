"""The official Python MCP SDK against a running Chancery that has never heard of it: by a metadata document, and by registration."""

import asyncio
import sys
from contextlib import asynccontextmanager
from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from main import ISSUER, REDIRECT_URI, Report, setting
from person import Person
from protected_server import protected_server


class Memory(TokenStorage):
    """Keeps what a new installation keeps: nothing at first."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Installation:
    """One installation of a client, and the person before it."""

    def __init__(self, url: str, person: Person, metadata_url: str | None, storage: Memory | None = None):
        self.storage = storage or Memory()
        self._url = url
        self._person = person
        self.asked: dict[str, list[str]] = {}
        self._location = ""
        self._provider = OAuthClientProvider(
            server_url=url,
            client_metadata=OAuthClientMetadata(
                client_name="Agent of the test", redirect_uris=[REDIRECT_URI], grant_types=["authorization_code", "refresh_token"]
            ),
            storage=self.storage,
            redirect_handler=self._redirect,
            callback_handler=self._callback,
            client_metadata_url=metadata_url,
        )

    async def _redirect(self, authorization_url: str) -> None:
        self.asked = parse_qs(urlsplit(authorization_url).query)
        self._location = await self._person.allow(authorization_url)

    async def _callback(self) -> AuthorizationCodeResult:
        answer = {name: values[0] for name, values in parse_qs(urlsplit(self._location).query).items()}
        return AuthorizationCodeResult(code=answer["code"], state=answer.get("state"), iss=answer.get("iss"))

    @asynccontextmanager
    async def _connected(self):
        async with (
            httpx2.AsyncClient(auth=self._provider) as http,
            Client(streamable_http_client(self._url, http_client=http)) as client,
        ):
            yield client

    async def whoami(self) -> dict[str, str]:
        async with self._connected() as client:
            result = await client.call_tool("whoami")
        assert not result.is_error, result
        return result.structured_content


async def walk_in(report: Report, how: str, metadata_url: str | None) -> None:
    person = Person()
    await person.sign_in(ISSUER, setting("CHANCERY_EMAIL"), setting("CHANCERY_PASSWORD"))
    credentials = setting("RESOURCE_CLIENT_ID"), setting("RESOURCE_CLIENT_SECRET")
    async with protected_server(ISSUER, *credentials) as first, protected_server(ISSUER, *credentials) as second:
        laptop = Installation(first, person, metadata_url)

        async def from_nothing() -> None:
            answer = await laptop.whoami()
            assert laptop.storage.client is not None and laptop.storage.tokens is not None
            assert laptop.asked["client_id"] == [laptop.storage.client.client_id]
            assert laptop.asked["resource"] == [first]
            if metadata_url is not None:
                assert laptop.asked["client_id"] == [metadata_url], laptop.asked
            assert answer["client_id"], answer
            assert laptop.storage.tokens.expires_in == 3600, laptop.storage.tokens.expires_in

        await report.step(f"{how}: from nothing to a tool call", from_nothing)

        async def second_server() -> None:
            other = Installation(second, person, metadata_url)
            await other.whoami()
            assert laptop.storage.tokens is not None
            before = laptop.storage.tokens.access_token
            await laptop.whoami()
            assert laptop.storage.tokens.access_token == before, "the first server's token ended"

        await report.step(f"{how}: a second server does not end the token of the first", second_server)

        async def second_machine() -> None:
            desktop = Installation(first, person, metadata_url)
            await desktop.whoami()
            assert laptop.storage.tokens is not None
            before = laptop.storage.tokens.access_token
            await laptop.whoami()
            assert laptop.storage.tokens.access_token == before, "the first machine's token ended"

        await report.step(f"{how}: a second machine does not end the token of the first", second_machine)
    await person.leave()


async def main() -> int:
    report = Report(f"mcp {version('mcp')}, unregistered")
    await walk_in(report, "metadata document", setting("CLIENT_ID_URL"))
    await walk_in(report, "registration", None)
    return report.finish()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
