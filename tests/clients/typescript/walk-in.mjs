// The official TypeScript MCP SDK against a running Chancery that has never heard of it: by a metadata document, and by registration.
import { randomUUID } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, installedVersion, Person, Report, setting } from '../support.mjs';
import { startProtectedServer } from './server.mjs';

const issuer = setting('CHANCERY_URL');
const redirectUrl = setting('REDIRECT_URI');

/** One installation of a client. It keeps what the SDK asks it to keep: nothing at first. */
class Installation {
    redirectUrl = redirectUrl;
    clientMetadata = { client_name: 'Agent of the test', redirect_uris: [redirectUrl], token_endpoint_auth_method: 'none' };
    expectedState = randomUUID();
    registrations = 0;
    state = () => this.expectedState;
    clientInformation = () => this.client;
    saveClientInformation = client => {
        this.registrations += 1;
        this.client = client;
    };
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
    invalidateCredentials = scope => {
        if (scope === 'all' || scope === 'client') this.client = undefined;
        if (scope === 'all' || scope === 'tokens') this.held = undefined;
    };

    constructor(serverUrl, clientMetadataUrl) {
        this.serverUrl = serverUrl;
        this.clientMetadataUrl = clientMetadataUrl;
    }

    transport() {
        return new StreamableHTTPClientTransport(this.serverUrl, { authProvider: this });
    }

    async whoami() {
        const client = new Client({ name: 'typescript', version: '1.0.0' });
        await client.connect(this.transport());
        const answer = JSON.parse((await client.callTool({ name: 'whoami' })).content[0].text);
        await client.close();
        return answer;
    }

    /** Connects, sends the person to the authorization server, and calls a tool with what comes back. */
    async walkIn(person) {
        const transport = this.transport();
        const error = await new Client({ name: 'typescript', version: '1.0.0' }).connect(transport).then(() => undefined, e => e);
        expect(error instanceof UnauthorizedError, `connecting without a token: ${error?.stack ?? 'was allowed'}`);
        const location = await person.allow(this.authorizationUrl);
        expect(location.searchParams.get('iss') === issuer, `iss is ${location.searchParams.get('iss')}`);
        await transport.finishAuth(location.searchParams.get('code'));
        return this.whoami();
    }
}

const report = new Report(`@modelcontextprotocol/sdk ${installedVersion(import.meta.dirname, '@modelcontextprotocol/sdk')}, unregistered`);
const credentials = { issuer, clientId: setting('RESOURCE_CLIENT_ID'), clientSecret: setting('RESOURCE_CLIENT_SECRET') };
const [first, second] = [await startProtectedServer(credentials), await startProtectedServer(credentials)];
const person = new Person();
await person.signIn(issuer, setting('CHANCERY_EMAIL'), setting('CHANCERY_PASSWORD'));

for (const [how, documentUrl] of [
    ['metadata document', setting('CLIENT_ID_URL')],
    ['registration', undefined]
]) {
    const laptop = new Installation(first.url, documentUrl);
    await report.step(`${how}: from nothing to a tool call`, async () => {
        await laptop.walkIn(person);
        const asked = laptop.authorizationUrl.searchParams;
        expect(asked.get('client_id') === laptop.client.client_id, `asked as ${asked.get('client_id')}`);
        if (documentUrl) expect(laptop.client.client_id === documentUrl, `the client id is ${laptop.client.client_id}`);
        expect(laptop.held.expires_in === 3600, `the token lives ${laptop.held.expires_in} s`);
    });
    const stays = async other => {
        await other.walkIn(person);
        const before = laptop.held.access_token;
        await laptop.whoami();
        expect(laptop.held.access_token === before, 'the first token ended');
    };
    await report.step(`${how}: a second server does not end the token of the first`, () => stays(new Installation(second.url, documentUrl)));
    await report.step(`${how}: a second machine does not end the token of the first`, () => stays(new Installation(first.url, documentUrl)));
    if (documentUrl) continue;
    await report.step(`${how}: a client whose id is gone registers again by itself`, async () => {
        laptop.client = { ...laptop.client, client_id: randomUUID() };
        laptop.held = { ...laptop.held, access_token: 'aaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaa' };
        const registrations = laptop.registrations;
        await laptop.walkIn(person);
        expect(laptop.registrations === registrations + 1, `${laptop.registrations - registrations} registrations`);
    });
}

first.close();
second.close();
report.finish();
