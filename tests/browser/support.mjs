// The real binary, real people over HTTP, and pages in Debian's Chromium.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before } from 'node:test';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');

export const axeSource = require.resolve('axe-core/axe.min.js');
export const PASSWORD = 'spring-again-1';

const binary = process.env.RESPRING_BIN;
if (!binary) throw new Error('set RESPRING_BIN to the binary under test');

const noLimits = [
  'limits.sends_per_user=off',
  'limits.requests_per_ip=off',
  'limits.logins_per_handle=off',
  'limits.registrations_per_ip=off',
  'limits.connections_per_user=off',
  'limits.frames_per_connection=off',
];

/** `respring serve` in a folder of its own; the same port again after a restart. */
class Server {
  folder = mkdtempSync(join(tmpdir(), 'respring-browser-'));
  port = 0;
  said = '';

  async start() {
    const settings = [
      `listen=127.0.0.1:${this.port}`,
      'admin_listen=127.0.0.1:0',
      `data_dir=${join(this.folder, 'data')}`,
      ...noLimits,
    ];
    this.said = '';
    this.process = spawn(binary, ['serve', ...settings.flatMap((each) => ['--set', each])], {
      cwd: this.folder,
      env: { LC_ALL: 'C.UTF-8', PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.process.stderr.on('data', (piece) => (this.said += piece));
    await until(() => /gateway +http:\/\/[\d.]+:(\d+)/.test(this.said), 60_000, () => this.said);
    this.port = Number(/gateway +http:\/\/[\d.]+:(\d+)/.exec(this.said)[1]);
    const ready = async () => (await fetch(this.url).catch(() => null))?.ok;
    await until(ready, 30_000, () => this.said);
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async kill(signal = 'SIGKILL') {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill(signal);
    await once(this.process, 'exit');
  }

  async close() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// A client that was cut off waits up to 30 s before it tries again.
export const LONGEST_WAIT = 60_000;

/** Asks until the answer is true, however busy the machine is: the patience is for what never becomes true. */
export async function until(ask, patienceMs = 30_000, why = () => '') {
  const end = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`it did not become true in time ${why()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

let people = 0;

/** A member with a session of his own beside his pages. */
export class Person {
  constructor(server, name) {
    this.server = server;
    this.name = name;
    this.handle = `p${++people}_${randomUUID().slice(0, 6)}`;
  }

  static async make(server, name) {
    const person = new Person(server, name);
    const made = await person.ask('POST', '/v1/users', {
      handle: person.handle,
      display_name: name,
      password: PASSWORD,
    });
    person.id = made.id;
    const session = await person.ask('POST', '/v1/sessions', {
      handle: person.handle,
      password: PASSWORD,
      device: 'test',
    });
    person.token = session.token;
    return person;
  }

  async ask(method, path, body) {
    const headers = {};
    if (body) headers['Content-Type'] = 'application/json';
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const answer = await fetch(this.server.url + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }

  async group(title, ...others) {
    const members = others.map((other) => other.id);
    return (await this.ask('POST', '/v1/rooms', { kind: 'group', title, members })).id;
  }

  async direct(other) {
    return (await this.ask('POST', '/v1/rooms', { kind: 'direct', members: [other.id] })).id;
  }

  async send(room, text, more = {}) {
    const body = { cid: randomUUID(), text, ...more };
    return (await this.ask('POST', `/v1/rooms/${room}/messages`, body)).message;
  }

  /** Waits until a search finds so many: a page searches once. */
  async finds(word, count) {
    const path = `/v1/search?q=${encodeURIComponent(word)}`;
    await until(async () => (await this.ask('GET', path)).items.length === count);
  }

  async texts(room) {
    const page = await this.ask('GET', `/v1/rooms/${room}/messages?limit=100`);
    return page.messages.map((message) => message.text);
  }

  /** A browser of his own, logged in by its cookie. */
  async open(browser, path = '/', options = {}) {
    const { preferences, ...more } = options;
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'ko-KR',
      timezoneId: 'Asia/Seoul',
      reducedMotion: 'reduce',
      ...more,
    });
    await context.addCookies([cookieOf(this)]);
    if (preferences) {
      await context.addInitScript((wish) => {
        localStorage.setItem('respring-preferences', JSON.stringify(wish));
      }, preferences);
    }
    const page = await context.newPage();
    watch(page);
    await page.goto(this.server.url + path);
    return page;
  }
}

export function cookieOf({ token, server }) {
  return { name: 'respring', value: token, url: server.url, httpOnly: true, sameSite: 'Strict' };
}

/** Collects what a page complains about; the tests expect nothing. */
const complaints = [];
export function watch(page) {
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    // A network that is cut on purpose shows as failed loads.
    const wanted = /Failed to load resource|WebSocket connection|net::ERR/.test(text);
    if (message.type() === 'error' && !wanted) complaints.push(text);
  });
}

function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** What every test of a file uses. */
export let server, browser;

/** Starts them before the tests of a file and prepares what these need; ends them afterwards, and
 * no page may have complained by then. */
export function serveAndBrowse(prepare = () => undefined) {
  before(async () => {
    server = await new Server().start();
    browser = await launch();
    await prepare();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    assert.deepEqual(complaints, []);
  });
}

export const field = (page) => page.getByLabel('메시지', { exact: true });

export async function write(page, text) {
  await field(page).fill(text);
  await page.getByRole('button', { name: '보내기', exact: true }).click();
}

/** The text of every bubble that is in the document. */
export function bubbles(page) {
  return page.locator('.bubble .text').allTextContents();
}

export async function sees(page, text, times = 1, patienceMs = 30_000) {
  const shown = async () => (await bubbles(page)).filter((each) => each === text).length === times;
  await until(shown, patienceMs, () => `${times}× "${text}"`);
}
