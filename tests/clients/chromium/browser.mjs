// A real browser with nothing in it, and what a person with a keyboard or a screen reader gets from a page.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync'
];

/** Opens a browser with an empty profile, hands `use` a page and everything the page complained about, and closes it. */
export async function withBrowser(options, use) {
    const profile = await mkdtemp(join(tmpdir(), 'chancery-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        headless: true,
        args: FLAGS,
        viewport: { width: 1100, height: 800 },
        ...options
    });
    try {
        const page = context.pages()[0] ?? (await context.newPage());
        const complaints = [];
        page.on('console', message => {
            if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()} ${message.location().url}`);
        });
        page.on('pageerror', error => complaints.push(`page: ${error.message}`));
        page.on('requestfailed', request => complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
        page.setDefaultTimeout(15_000);
        return await use(page, complaints);
    } finally {
        await context.close();
        await rm(profile, { recursive: true, force: true });
    }
}

async function accessibilityTree(page) {
    const session = await page.context().newCDPSession(page);
    try {
        const { nodes } = await session.send('Accessibility.getFullAXTree');
        return nodes.filter(node => !node.ignored);
    } finally {
        await session.detach();
    }
}

const CONTROLS = new Set(['button', 'link', 'textbox', 'checkbox', 'radio', 'combobox']);

/** Controls that a screen reader could not name. */
export async function namelessControls(page) {
    return (await accessibilityTree(page))
        .filter(node => CONTROLS.has(node.role?.value) && !node.name?.value?.trim())
        .map(node => node.role.value);
}

/** Presses Tab until a control with this role and name has the focus. */
export async function tabTo(page, role, name) {
    const passed = [];
    for (let presses = 0; presses < 25; presses += 1) {
        await page.keyboard.press('Tab');
        const focused = (await accessibilityTree(page)).find(
            node => CONTROLS.has(node.role?.value) && node.properties?.some(p => p.name === 'focused' && p.value.value)
        );
        if (focused?.role.value === role && name.test(focused.name?.value ?? '')) return;
        passed.push(focused ? `${focused.role.value} "${focused.name?.value}"` : 'nothing');
    }
    throw new Error(`Tab never reached ${role} ${name}; it passed ${passed.join(', ')}`);
}
