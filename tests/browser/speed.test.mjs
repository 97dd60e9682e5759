// How soon it can be used: the size of what is loaded first, and the time on a slow line and a slow device.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { browser, cookieOf, field, Person, serveAndBrowse, server } from './support.mjs';

let minji, room;
serveAndBrowse(async () => {
  const youngho = await Person.make(server, '박영호');
  minji = await Person.make(server, '김민지');
  room = await youngho.group('둘레길 모임', minji);
  for (let i = 0; i < 60; ++i) await youngho.send(room, `이번 토요일에 만나요. ${i}번째 글이에요.`);
});

test('the first load is at most 150 KB of JavaScript', () => {
  const folder = process.env.RESPRING_WEB_FILES;
  assert.ok(folder, 'RESPRING_WEB_FILES names the built client');
  const html = readFileSync(`${folder}/index.html`, 'utf8');
  const names = [...html.matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map((found) => found[1]);
  assert.ok(names.length > 1 && readdirSync(folder).includes('sw.js'));
  const bytes = names.map((name) => gzipSync(readFileSync(folder + name), { level: 9 }).length);
  const total = bytes.reduce((sum, each) => sum + each, 0);
  console.log(`${total} bytes of JavaScript at first`);
  assert.ok(total <= 150 * 1024, `${total} bytes`);
});

/** Loads the page as if for the first time; tells when `selector` was shown and the page answered (ms). */
async function usableAfter(path, selector, cookies) {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    locale: 'ko-KR',
    serviceWorkers: 'block',
  });
  await context.addCookies(cookies);
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send('Network.enable');
  const throughput = 1.6e6 / 8;
  await tools.send('Network.emulateNetworkConditions', {
    offline: false, latency: 150, downloadThroughput: throughput, uploadThroughput: throughput,
  });
  await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.addInitScript((what) => {
    const watcher = new MutationObserver(() => {
      if (!document.querySelector(what)) return;
      watcher.disconnect();
      // Painted, and the device is free to answer.
      requestAnimationFrame(() => setTimeout(() => (globalThis.usableAt = performance.now())));
    });
    watcher.observe(document, { childList: true, subtree: true });
  }, selector);
  await page.goto(server.url + path, { waitUntil: 'commit' });
  const at = await page.waitForFunction(() => globalThis.usableAt);
  const ms = Math.round(await at.jsonValue());
  if (path !== '/') await field(page).fill('바로 쓸 수 있어요');
  await context.close();
  return ms;
}

// What else the machine does makes it later, never sooner: the best of some tries is the client's own.
const kTries = 6;
const kLimitMs = 2000;
const cases = () => [
  ['the sign-in page', '/', '.card input', []],
  ['the room list', '/', '.room', [cookieOf(minji)]],
  ['a conversation', `/rooms/${room}`, '.bubble', [cookieOf(minji)]],
];
for (const i of [0, 1, 2]) {
  test(`usable within 2 s on a four times slower device at 1.6 Mbit/s and 150 ms: ${i}`, async (t) => {
    const [name, path, selector, cookies] = cases()[i];
    const times = [];
    while (times.length < kTries && !times.some((ms) => ms <= kLimitMs)) {
      times.push(await usableAfter(path, selector, cookies));
    }
    console.log(`${name}: ${times.join(', ')} ms`);
    // A device four times slower than one that has no time says nothing.
    const busy = loadavg()[0] > 1.5 * cpus().length;
    if (busy && Math.min(...times) > kLimitMs) return t.skip(`the machine is busy: ${loadavg()[0]}`);
    assert.ok(Math.min(...times) <= kLimitMs, times.join(', '));
  });
}
