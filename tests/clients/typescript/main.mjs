// The official TypeScript MCP SDK against a running Chancery, with a pre-registered client.
import { randomUUID } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, installedVersion, Person, Report, setting } from '../support.mjs';
import { startProtectedServer } from './server.mjs';

const issuer = setting('CHANCERY_URL');
const redirectUrl = setting('REDIRECT_URI');
const registered = { client_id: setting('CLIENT_ID'), client_secret: setting('CLIENT_SECRET'), issuer };

/** Keeps what the SDK asks a provider to keep. There is no `saveClientInformation`: registering is not an option. */
class PreRegistered {
    redirectUrl = redirectUrl;
    clientMetadata = { client_name: 'typescript', redirect_uris: [redirectUrl] };
    expectedState = randomUUID();
    state = () => this.expectedState;
    clientInformation = () => registered;
    tokens = () => this.held;
    saveTokens = tokens => {
        this.held = tokens;
    };
    redirectToAuthorization = url => {
        this.authorizationUrl = url;
    };
    saveCodeVerifier = verifier => {
        this.verifier = verifier;
    };
    codeVerifier = () => this.verifier;
    saveDiscoveryState = state => {
        this.discovered = state;
    };
    discoveryState = () => this.discovered;
}

const report = new Report(`@modelcontextprotocol/sdk ${installedVersion(import.meta.dirname, '@modelcontextprotocol/sdk')}`);
const provider = new PreRegistered();
const protectedServer = await startProtectedServer({
    issuer,
    clientId: setting('RESOURCE_CLIENT_ID'),
    clientSecret: setting('RESOURCE_CLIENT_SECRET')
});

const connect = async () => {
    const client = new Client({ name: 'typescript', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(protectedServer.url, { authProvider: provider }));
    return client;
};
const whoami = async client => JSON.parse((await client.callTool({ name: 'whoami' })).content[0].text);
const statusWith = async token =>
    (
        await fetch(protectedServer.url, {
            method: 'POST',
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
            body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })
        })
    ).status;

const transport = new StreamableHTTPClientTransport(protectedServer.url, { authProvider: provider });

await report.step('discovers the authorization server and asks the user', async () => {
    const error = await new Client({ name: 'typescript', version: '1.0.0' }).connect(transport).then(() => undefined, e => e);
    expect(error instanceof UnauthorizedError, `connecting without a token: ${error?.stack ?? 'was allowed'}`);
    expect(provider.discovered?.authorizationServerUrl === issuer, `discovered ${JSON.stringify(provider.discovered)}`);
    const asked = provider.authorizationUrl.searchParams;
    expect(asked.get('resource') === protectedServer.url.href, `resource is ${asked.get('resource')}`);
    expect(asked.get('code_challenge_method') === 'S256', 'no S256 challenge was sent');
});

const callback = await report.step('the user allows', async () => {
    const person = new Person();
    await person.signIn(issuer, setting('CHANCERY_EMAIL'), setting('CHANCERY_PASSWORD'));
    const location = await person.allow(provider.authorizationUrl);
    expect(location.href.startsWith(redirectUrl), `redirected to ${location}`);
    expect(location.searchParams.get('state') === provider.expectedState, 'state was not echoed');
    expect(location.searchParams.get('iss') === issuer, `iss is ${location.searchParams.get('iss')}`);
    return { code: location.searchParams.get('code') };
});

await report.step('exchanges the code', async () => {
    await transport.finishAuth(callback.code);
    expect(provider.held.token_type.toLowerCase() === 'bearer', `token_type is ${provider.held.token_type}`);
    expect(provider.held.expires_in > 0 && provider.held.refresh_token, 'no expiry or no refresh token');
});

const first = { ...provider.held };

await report.step('calls a tool with the token', async () => {
    const client = await connect();
    const answer = await whoami(client);
    expect(answer.clientId === registered.client_id, `the token names client ${answer.clientId}`);
    await client.close();
    return { clientId: answer.clientId, subject: answer.subject };
});

await report.step('refreshes by itself when the access token is refused', async () => {
    provider.held = { ...provider.held, access_token: 'aaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaa' };
    const client = await connect();
    expect(provider.held.access_token !== first.access_token, 'the access token did not change');
    expect(provider.held.refresh_token !== first.refresh_token, 'the refresh token was not rotated');
    const answer = await whoami(client);
    expect(answer.clientId === registered.client_id, `the token names client ${answer.clientId}`);
    await client.close();
});

await report.step('the refreshed-away token is dead, the new one lives', async () => {
    const [before, after] = [await statusWith(first.access_token), await statusWith(provider.held.access_token)];
    expect(before === 401 && after === 200, `old token ${before}, new token ${after}`);
});

protectedServer.close();
report.finish();
