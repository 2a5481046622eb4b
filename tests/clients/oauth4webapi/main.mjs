// oauth4webapi, a strict OAuth client library, against a running Chancery: what must work and what must be refused.
import * as oauth from 'oauth4webapi';
import { expect, installedVersion, Person, Report, setting } from '../support.mjs';

const issuer = setting('CHANCERY_URL');
const clientSecret = setting('CLIENT_SECRET');
const redirectUri = setting('REDIRECT_URI');
const resource = 'https://tools.example.com/mcp';
const client = { client_id: setting('CLIENT_ID') };
const plainHttp = { [oauth.allowInsecureRequests]: true };
const methods = { client_secret_basic: oauth.ClientSecretBasic, client_secret_post: oauth.ClientSecretPost };

const report = new Report(`oauth4webapi ${installedVersion(import.meta.dirname, 'oauth4webapi')}`);
const person = new Person();
await person.signIn(issuer, setting('CHANCERY_EMAIL'), setting('CHANCERY_PASSWORD'));

const server = await report.step('discovers by RFC 8414', async () => {
    const url = new URL(issuer);
    const response = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...plainHttp });
    const found = await oauth.processDiscoveryResponse(url, response);
    expect(found.code_challenge_methods_supported?.includes('S256'), 'S256 is not advertised');
    expect(found.authorization_response_iss_parameter_supported === true, 'iss in redirects is not advertised');
    for (const method of Object.keys(methods)) {
        expect(found.token_endpoint_auth_methods_supported?.includes(method), `${method} is not advertised`);
    }
    return found;
});

function authorizationUrl(parameters) {
    const url = new URL(server.authorization_endpoint);
    url.search = new URLSearchParams({
        client_id: client.client_id,
        redirect_uri: redirectUri,
        response_type: 'code',
        ...parameters
    }).toString();
    return url;
}

/** The user allows; the library checks `state` and `iss` and hands over the callback's parameters. */
async function authorize({ verifier, ...parameters }) {
    const state = oauth.generateRandomState();
    const challenge = verifier && {
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256'
    };
    const callback = await person.allow(authorizationUrl({ state, ...challenge, ...parameters }));
    return oauth.validateAuthResponse(server, client, callback, state);
}

const exchangeRequest = (callback, verifier, auth, parameters = {}, as = client) =>
    oauth.authorizationCodeGrantRequest(server, as, auth, callback, redirectUri, verifier, {
        additionalParameters: parameters,
        ...plainHttp
    });
const exchange = async (...args) =>
    oauth.processAuthorizationCodeResponse(server, client, await exchangeRequest(...args));
const introspect = async (token, auth) =>
    oauth.processIntrospectionResponse(
        server,
        client,
        await oauth.introspectionRequest(server, client, auth, token, plainHttp)
    );
const refresh = async (token, auth, parameters = {}) =>
    oauth.processRefreshTokenResponse(
        server,
        client,
        await oauth.refreshTokenGrantRequest(server, client, auth, token, { additionalParameters: parameters, ...plainHttp })
    );

/** Asserts that a request is refused with this status and OAuth error code, described in words. */
async function refused(attempt, status, code) {
    const error = await attempt.then(
        value => expect(false, `was allowed: ${JSON.stringify(value)}`),
        thrown => thrown
    );
    if (!error.response) throw error;
    const body = error instanceof oauth.ResponseBodyError ? error.cause : await error.response.json();
    expect(error.response.status === status && body.error === code, `answered ${error.response.status} ${JSON.stringify(body)}`);
    expect(body.error_description, 'the refusal has no description');
}

for (const [method, make] of Object.entries(methods)) {
    const auth = make(clientSecret);
    const tokens = await report.step(`${method}: exchanges a code with PKCE and resource`, async () => {
        const verifier = oauth.generateRandomCodeVerifier();
        const callback = await authorize({ verifier, resource });
        return exchange(callback, verifier, auth, { resource });
    });

    await report.step(`${method}: introspection names the audience, the client and the user`, async () => {
        const claims = await introspect(tokens.access_token, auth);
        expect(claims.active === true, 'the token is not active');
        expect([claims.aud].flat().includes(resource), `aud is ${JSON.stringify(claims.aud)}`);
        expect(claims.client_id === client.client_id && claims.sub && claims.exp, JSON.stringify(claims));
    });

    const fresh = await report.step(`${method}: refreshes and rotates`, async () => {
        const rotated = await refresh(tokens.refresh_token, auth, { resource });
        expect(rotated.access_token !== tokens.access_token, 'the access token did not change');
        expect(rotated.refresh_token && rotated.refresh_token !== tokens.refresh_token, 'the refresh token was not rotated');
        expect((await introspect(tokens.access_token, auth)).active === false, 'the old access token is still active');
        expect((await introspect(rotated.access_token, auth)).active === true, 'the new access token is not active');
        return rotated;
    });

    await report.step(`${method}: a refresh for another resource is refused`, () =>
        refused(refresh(fresh.refresh_token, auth, { resource: 'https://other.example.com/' }), 400, 'invalid_target')
    );

    await report.step(`${method}: revocation ends the access token and the refresh token`, async () => {
        const response = await oauth.revocationRequest(server, client, auth, fresh.refresh_token, plainHttp);
        await oauth.processRevocationResponse(response);
        expect((await introspect(fresh.access_token, auth)).active === false, 'the access token is still active');
        await refused(refresh(fresh.refresh_token, auth), 400, 'invalid_grant');
    });

    await report.step(`${method}: a wrong secret is refused`, async () => {
        const verifier = oauth.generateRandomCodeVerifier();
        const callback = await authorize({ verifier });
        const wrong = clientSecret.slice(0, -1) + (clientSecret.endsWith('A') ? 'B' : 'A');
        await refused(exchange(callback, verifier, make(wrong)), 401, 'invalid_client');
        await exchange(callback, verifier, auth);
    });

    await report.step(`${method}: introspection without the right secret is refused`, () =>
        refused(introspect(fresh.access_token, make(`${clientSecret.slice(0, -4)}AAAA`)), 401, 'invalid_client')
    );
}

const auth = oauth.ClientSecretPost(clientSecret);

await report.step('a wrong verifier is refused and does not consume the code', async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const callback = await authorize({ verifier });
    await refused(exchange(callback, oauth.generateRandomCodeVerifier(), auth), 400, 'invalid_grant');
    await exchange(callback, verifier, auth);
});

await report.step('a missing verifier is refused', async () => {
    const callback = await authorize({ verifier: oauth.generateRandomCodeVerifier() });
    await refused(exchange(callback, oauth.nopkce, auth), 400, 'invalid_grant');
});

await report.step('a reused code is refused and ends what was issued from it', async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const callback = await authorize({ verifier });
    const tokens = await exchange(callback, verifier, auth);
    await refused(exchange(callback, verifier, auth), 400, 'invalid_grant');
    expect((await introspect(tokens.access_token, auth)).active === false, 'the token survived the reuse of its code');
});

await report.step('another resource than the authorized one is refused', async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const callback = await authorize({ verifier, resource });
    await refused(exchange(callback, verifier, auth, { resource: 'https://other.example.com/' }), 400, 'invalid_target');
    await refused(exchange(callback, verifier, auth), 400, 'invalid_target');
    await exchange(callback, verifier, auth, { resource });
});

await report.step('an unknown client is refused', async () => {
    const stranger = { client_id: crypto.randomUUID() };
    const verifier = oauth.generateRandomCodeVerifier();
    const callback = await authorize({ verifier });
    await refused(exchange(callback, verifier, auth, {}, stranger), 401, 'invalid_client');
    const page = await fetch(authorizationUrl({ client_id: stranger.client_id, state: 's' }), { redirect: 'manual' });
    expect(page.status >= 400 && !page.headers.has('location'), `authorize answered ${page.status}`);
});

await report.step('the unused code of another client is refused', async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const callback = await authorize({ verifier });
    const other = { client_id: setting('RESOURCE_CLIENT_ID') };
    const otherAuth = oauth.ClientSecretPost(setting('RESOURCE_CLIENT_SECRET'));
    await refused(exchange(callback, verifier, otherAuth, {}, other), 400, 'invalid_grant');
});

await report.step('a foreign redirect URI is never redirected to', async () => {
    const error = await person
        .allow(authorizationUrl({ redirect_uri: 'https://evil.example.com/callback', state: 's' }))
        .then(location => new Error(`redirected to ${location}`), thrown => thrown);
    expect(/the consent page answered 400/.test(error.message), error.message);
});

await report.step('the access token opens the API only with the right token', async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const tokens = await exchange(await authorize({ verifier }), verifier, auth);
    const me = new URL(`${issuer}/api/v2/users/me`);
    const answer = await oauth.protectedResourceRequest(tokens.access_token, 'GET', me, undefined, undefined, plainHttp);
    expect(answer.status === 200, `users/me answered ${answer.status}`);
    const challenge = await oauth
        .protectedResourceRequest('aaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaa', 'GET', me, undefined, undefined, plainHttp)
        .then(() => undefined, thrown => thrown);
    expect(challenge instanceof oauth.WWWAuthenticateChallengeError, `a wrong token was not challenged: ${challenge}`);
    expect(challenge.cause[0].scheme === 'bearer' && challenge.cause[0].parameters.error === 'invalid_token', 'wrong challenge');
});

report.finish();
