"""A small MCP server that accepts only tokens which Chancery issued for this very server."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import httpx2
import uvicorn
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer


class IntrospectionVerifier(TokenVerifier):
    """Verifies opaque tokens by RFC 7662 introspection, authenticated as a client of the server's own."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, resource: str):
        self._endpoint = f"{issuer}/oauth2/introspect"
        self._credentials = (client_id, client_secret)
        self._resource = resource

    async def verify_token(self, token: str) -> AccessToken | None:
        async with httpx2.AsyncClient() as client:
            response = await client.post(
                self._endpoint, data={"token": token, "token_type_hint": "access_token"}, auth=self._credentials
            )
        response.raise_for_status()
        claims = response.json()
        audience = claims.get("aud", [])
        audience = [audience] if isinstance(audience, str) else audience
        if not claims["active"] or self._resource not in audience:
            return None
        return AccessToken(
            token=token,
            client_id=claims["client_id"],
            scopes=claims.get("scope", "").split(),
            expires_at=claims["exp"],
            resource=self._resource,
            subject=claims["sub"],
            claims=claims,
        )


@contextlib.asynccontextmanager
async def protected_server(issuer: str, client_id: str, client_secret: str) -> AsyncIterator[str]:
    """Serves on a free loopback port; yields the URL of the MCP endpoint, which is the resource."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
    server = MCPServer(
        "roll",
        token_verifier=IntrospectionVerifier(issuer, client_id, client_secret, url),
        auth=AuthSettings(issuer_url=issuer, resource_server_url=url, validate_token_resource=True),
        log_level="WARNING",
    )

    @server.tool()
    def whoami() -> dict[str, str]:
        """Who the token speaks for."""
        token = get_access_token()
        assert token is not None and token.subject is not None
        return {"client_id": token.client_id, "subject": token.subject}

    web = uvicorn.Server(
        uvicorn.Config(server.streamable_http_app(stateless_http=True, json_response=True), log_level="warning")
    )
    serving = asyncio.create_task(web.serve(sockets=[listener]))
    try:
        yield url
    finally:
        web.should_exit = True
        await serving
