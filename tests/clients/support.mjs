// What the JavaScript client programs share: their settings, a person at a browser, and the report they print.
import { readFileSync } from 'node:fs';

/** The named environment variable; a program cannot do anything useful without it. */
export function setting(name) {
    const value = process.env[name];
    if (!value) {
        console.error(`set ${name}`);
        process.exit(2);
    }
    return value;
}

/** Version of an installed package, for the report. */
export function installedVersion(folder, name) {
    return JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`, 'utf8')).version;
}

/** Collects named checks and prints them as one JSON document; the exit code tells whether all passed. */
export class Report {
    #client;
    #steps = [];

    constructor(client) {
        this.#client = client;
    }

    /** Runs one check and hands on its value, reported when it is a text. A check that throws fails; the program goes on. */
    async step(name, check) {
        try {
            const detail = await check();
            this.#steps.push({ name, ok: true, ...(typeof detail === 'string' ? { detail } : {}) });
            return detail;
        } catch (error) {
            this.#steps.push({ name, ok: false, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
            return undefined;
        }
    }

    /** Prints the report and ends the program. */
    finish() {
        const ok = this.#steps.length > 0 && this.#steps.every(step => step.ok);
        console.log(JSON.stringify({ client: this.#client, ok, steps: this.#steps }, null, 2));
        process.exit(ok ? 0 : 1);
    }
}

/** Throws unless the condition holds. */
export function expect(condition, message) {
    if (!condition) throw new Error(message);
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text) {
    return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
        if (hex) return String.fromCodePoint(parseInt(hex, 16));
        if (decimal) return String.fromCodePoint(Number(decimal));
        return ENTITIES[name] ?? whole;
    });
}

function attributes(tag) {
    const found = {};
    for (const [, name, , raw, double, single] of tag.matchAll(/([\w-]+)(=("([^"]*)"|'([^']*)'|[^\s>]+))?/g)) {
        found[name.toLowerCase()] = decodeEntities(double ?? single ?? raw ?? '');
    }
    return found;
}

/** The form with this id as a browser would submit it with its first submit button. */
export function formById(html, id, pageUrl) {
    for (const [, opening, content] of html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)) {
        const form = attributes(opening);
        if (form.id !== id) continue;
        const fields = new URLSearchParams();
        let submitted = false;
        for (const [, kind, rest] of content.matchAll(/<(input|button)\b([^>]*)>/gi)) {
            const control = attributes(rest);
            const submits = kind.toLowerCase() === 'button' ? (control.type ?? 'submit') === 'submit' : control.type === 'submit';
            if (submits && submitted) continue;
            submitted ||= submits;
            if (control.name) fields.append(control.name, control.value ?? '');
        }
        return { method: (form.method ?? 'get').toUpperCase(), action: new URL(form.action || pageUrl, pageUrl), fields };
    }
    throw new Error(`the page has no form "${id}":\n${html}`);
}

/** Someone at a browser without a screen: keeps cookies of one origin, reads pages, submits forms. */
export class Person {
    #cookies = new Map();

    async #send(url, options = {}) {
        const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(url, {
            ...options,
            redirect: 'manual',
            headers: { accept: 'text/html,application/xhtml+xml', ...options.headers, ...(cookie ? { cookie } : {}) }
        });
        for (const line of response.headers.getSetCookie()) {
            const [pair] = line.split(';');
            const cut = pair.indexOf('=');
            this.#cookies.set(pair.slice(0, cut).trim(), pair.slice(cut + 1).trim());
        }
        return response;
    }

    async signIn(issuer, email, password) {
        const response = await this.#send(`${issuer}/api/v2/users/login`, {
            method: 'POST',
            headers: { accept: 'application/json', 'content-type': 'application/json' },
            body: JSON.stringify({ email, password })
        });
        expect(response.status === 201, `sign-in answered ${response.status}: ${await response.text()}`);
    }

    /** Reads the consent page at `authorizationUrl`, allows, and returns where the server then sends the browser. */
    async allow(authorizationUrl) {
        const page = await this.#send(authorizationUrl);
        const html = await page.text();
        expect(page.status === 200, `the consent page answered ${page.status}: ${html}`);
        const form = formById(html, 'allow-form', authorizationUrl);
        expect(form.method === 'POST', 'the consent form is not a POST');
        const answer = await this.#send(form.action, {
            method: 'POST',
            headers: {
                'content-type': 'application/x-www-form-urlencoded',
                origin: form.action.origin,
                referer: String(authorizationUrl),
                'sec-fetch-site': 'same-origin'
            },
            body: form.fields.toString()
        });
        const location = answer.headers.get('location');
        expect([302, 303, 307].includes(answer.status) && location, `consent answered ${answer.status}: ${await answer.text()}`);
        return new URL(location);
    }
}
