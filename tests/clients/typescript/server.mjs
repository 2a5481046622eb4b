// A small MCP server that accepts only tokens which Chancery issued for this very server.
import { randomUUID } from 'node:crypto';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { InvalidTokenError, ServerError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';

/** Verifies opaque tokens by RFC 7662 introspection, authenticated as a client of the server's own. */
function introspectionVerifier(issuer, clientId, clientSecret, ownUrl) {
    return {
        async verifyAccessToken(token) {
            const response = await fetch(`${issuer}/oauth2/introspect`, {
                method: 'POST',
                headers: {
                    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
                    'content-type': 'application/x-www-form-urlencoded'
                },
                body: new URLSearchParams({ token, token_type_hint: 'access_token' })
            });
            if (!response.ok) throw new ServerError(`introspection answered ${response.status}: ${await response.text()}`);
            const claims = await response.json();
            if (claims.active !== true) throw new InvalidTokenError('The token is not active');
            const audience = [claims.aud ?? []].flat();
            if (!audience.includes(ownUrl.href)) throw new InvalidTokenError('The token was issued for another resource');
            return {
                token,
                clientId: claims.client_id,
                scopes: claims.scope ? claims.scope.split(' ') : [],
                expiresAt: claims.exp,
                resource: ownUrl,
                extra: { subject: claims.sub, username: claims.username }
            };
        }
    };
}

/** Starts the server on a free loopback port. */
export async function startProtectedServer({ issuer, clientId, clientSecret }) {
    const metadata = await fetch(`${issuer}/.well-known/oauth-authorization-server`).then(response => response.json());
    const app = createMcpExpressApp();
    const listener = await new Promise((resolve, reject) => {
        const opening = app.listen(0, '127.0.0.1', error => (error ? reject(error) : resolve(opening)));
    });
    const url = new URL(`http://127.0.0.1:${listener.address().port}/mcp`);

    app.use(mcpAuthMetadataRouter({ oauthMetadata: metadata, resourceServerUrl: url, resourceName: 'Roll of tools' }));
    const bearer = requireBearerAuth({
        verifier: introspectionVerifier(issuer, clientId, clientSecret, url),
        resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(url),
        expectedResource: url
    });
    app.post('/mcp', bearer, async (request, response) => {
        const server = new McpServer({ name: 'roll', version: '1.0.0' });
        server.registerTool('whoami', { description: 'Who the token speaks for' }, async ({ authInfo }) => ({
            content: [{ type: 'text', text: JSON.stringify({ clientId: authInfo.clientId, ...authInfo.extra, call: randomUUID() }) }]
        }));
        const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
        response.on('close', () => {
            transport.close();
            server.close();
        });
        await server.connect(transport);
        await transport.handleRequest(request, response, request.body);
    });
    app.get('/mcp', bearer, (request, response) => response.status(405).set('Allow', 'POST').end());
    return { url, close: () => listener.close() };
}
