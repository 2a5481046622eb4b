// Chromium against a running Chancery: sign-in page, consent page, deny, allow; with JavaScript and without; by keyboard.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, installedVersion, Report, setting } from '../support.mjs';
import { namelessControls, tabTo, withBrowser } from './browser.mjs';

const issuer = setting('CHANCERY_URL');
const clientId = setting('CLIENT_ID');
const clientSecret = setting('CLIENT_SECRET');
const clientName = setting('CLIENT_NAME');
const email = setting('CHANCERY_EMAIL');
const password = setting('CHANCERY_PASSWORD');
const screenshots = setting('SCREENSHOT_DIR');
const resource = 'https://tools.example.com/mcp';
const SIGN_IN = /sign in/i;
const ALLOW = /^(allow|authorize)/i;
const DENY = /^(deny|cancel)/i;

await mkdir(screenshots, { recursive: true });

// The client's own callback: a native application's listener on any loopback port (RFC 8252).
const callbacks = [];
const listener = createServer((request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    if (url.pathname === '/callback') callbacks.push(url.searchParams);
    response.writeHead(url.pathname === '/callback' ? 200 : 204, { 'content-type': 'text/html' });
    response.end(url.pathname === '/callback' ? '<!doctype html><title>Callback</title><link rel="icon" href="data:,"><p>Back at the client' : undefined);
});
listener.listen(0, '127.0.0.1');
await once(listener, 'listening');
const redirectUri = `http://127.0.0.1:${listener.address().port}/callback`;

function newAuthorization() {
    const verifier = randomBytes(32).toString('base64url');
    const state = randomBytes(12).toString('base64url');
    const url = new URL(`${issuer}/oauth2/authorize`);
    url.search = new URLSearchParams({
        client_id: clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        state,
        resource,
        scope: 'tools.read tools.call',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256'
    }).toString();
    return { url: url.href, state, verifier };
}

async function callbackOf(page, state) {
    await page.waitForURL(url => url.href.startsWith(redirectUri));
    const parameters = callbacks.at(-1);
    expect(parameters?.get('state') === state, `state is ${parameters?.get('state')}, not ${state}`);
    expect(parameters.get('iss') === issuer, `iss is ${parameters.get('iss')}`);
    return parameters;
}

async function exchange(code, verifier) {
    const response = await fetch(`${issuer}/oauth2/tokens`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri, resource })
    });
    const body = await response.json();
    expect(response.status === 200 && body.access_token && body.refresh_token, `exchange answered ${response.status} ${JSON.stringify(body)}`);
}

const onSignInPage = page => page.waitForURL(url => url.pathname === '/login');
const onConsentPage = page => page.waitForURL(url => url.pathname === '/oauth2/authorize');
const silent = complaints => expect(complaints.length === 0, `the browser complained:\n${complaints.join('\n')}`);

async function signInByKeyboard(page) {
    await tabTo(page, 'textbox', /e-?mail/i);
    await page.keyboard.type(email);
    await tabTo(page, 'textbox', /password/i);
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
}

const report = new Report(`chromium through playwright-core ${installedVersion(import.meta.dirname, 'playwright-core')}`);

await withBrowser({}, async (page, complaints) => {
    const denied = newAuthorization();
    await report.step('without a session the authorize URL leads to the sign-in page', async () => {
        await page.goto(denied.url);
        await onSignInPage(page);
        const nameless = await namelessControls(page);
        expect(nameless.length === 0, `controls without a name: ${nameless.join(', ')}`);
        expect((await page.title()).trim() !== '' && (await page.getAttribute('html', 'lang')), 'the page has no title or no language');
        await page.screenshot({ path: join(screenshots, 'sign-in.png'), fullPage: true });
    });
    await report.step('signing in by keyboard leads to the consent page', async () => {
        await signInByKeyboard(page);
        await onConsentPage(page);
    });
    await report.step('the consent page shows who asks for what', async () => {
        const text = await page.innerText('body');
        for (const shown of [clientName, new URL(redirectUri).host, resource, 'tools.read', 'tools.call', setting('CHANCERY_USERNAME')]) {
            expect(text.includes(shown), `the page does not show ${shown}:\n${text}`);
        }
        const nameless = await namelessControls(page);
        expect(nameless.length === 0, `controls without a name: ${nameless.join(', ')}`);
        expect((await page.title()).trim() !== '' && (await page.getAttribute('html', 'lang')), 'the page has no title or no language');
        await page.screenshot({ path: join(screenshots, 'consent.png'), fullPage: true });
    });
    await report.step('denying by keyboard tells the client access_denied', async () => {
        const role = (await page.getByRole('link', { name: DENY }).count()) > 0 ? 'link' : 'button';
        await tabTo(page, role, DENY);
        await page.keyboard.press('Enter');
        const parameters = await callbackOf(page, denied.state);
        expect(parameters.get('error') === 'access_denied' && !parameters.has('code'), `the client got ${parameters}`);
    });
    await report.step('allowing by keyboard gives the client a code that exchanges', async () => {
        const allowed = newAuthorization();
        await page.goto(allowed.url);
        await onConsentPage(page);
        await tabTo(page, 'button', ALLOW);
        await page.keyboard.press('Enter');
        const parameters = await callbackOf(page, allowed.state);
        expect(parameters.get('code'), `the client got ${parameters}`);
        await exchange(parameters.get('code'), allowed.verifier);
    });
    await report.step('the browser had nothing to complain about', async () => silent(complaints));
});

await withBrowser({ javaScriptEnabled: false }, async (page, complaints) => {
    await report.step('the whole flow works with JavaScript disabled, with a mouse', async () => {
        const allowed = newAuthorization();
        await page.goto(allowed.url);
        await onSignInPage(page);
        await page.getByLabel(/e-?mail/i).fill(email);
        await page.getByLabel(/password/i).fill(password);
        await page.getByRole('button', { name: SIGN_IN }).click();
        await onConsentPage(page);
        await page.getByRole('button', { name: ALLOW }).click();
        const parameters = await callbackOf(page, allowed.state);
        await exchange(parameters.get('code'), allowed.verifier);
        silent(complaints);
    });
});

await withBrowser({ viewport: { width: 360, height: 640 } }, async page => {
    await report.step('a wrong password is said so on the page, which keeps the way back', async () => {
        const allowed = newAuthorization();
        await page.goto(allowed.url);
        await onSignInPage(page);
        await page.getByLabel(/e-?mail/i).fill(email);
        await page.getByLabel(/password/i).fill('not the password');
        await page.getByRole('button', { name: SIGN_IN }).click();
        await page.getByText('Incorrect email or password.').waitFor();
        await page.getByLabel(/e-?mail/i).fill(email);
        await page.getByLabel(/password/i).fill(password);
        await page.getByRole('button', { name: SIGN_IN }).click();
        await onConsentPage(page);
        await page.screenshot({ path: join(screenshots, 'consent-narrow.png'), fullPage: true });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
        expect(!overflow, 'the consent page scrolls sideways on a narrow screen');
    });
});

listener.close();
report.finish();
