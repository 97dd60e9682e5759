// Fifty thousand messages in one room: reading on in both directions keeps the place, whatever changes
// around it, and the page stays small and quick.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, Person, sees, serveAndBrowse, server, until, write } from './support.mjs';

const kMessages = Number(process.env.RESPRING_MESSAGES ?? 50_000);
const kUnanswered = 250;

let minji, youngho, room, page, list;

/** Written over one connection, as fast as the server acknowledges: everybody else would read along. */
async function writeAll() {
  const writer = await youngho.open(browser, '/gallery');
  const fill = ([to, count, unanswered]) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${location.host}/v1/ws`, 'respring.v1');
      let sent = 0;
      let stored = 0;
      const send = () => {
        const text = `긴 이야기의 ${sent}번째 글이에요. `.repeat(1 + (sent % 4)).trim();
        const cid = crypto.randomUUID();
        socket.send(JSON.stringify({ op: 'send', ref: String(sent), room: to, cid, text }));
        sent += 1;
      };
      socket.onopen = () => socket.send(JSON.stringify({ op: 'hello' }));
      socket.onclose = (event) => reject(new Error(`closed ${event.code}`));
      socket.onmessage = ({ data }) => {
        if (data.startsWith('{"op":"event"')) return;
        const frame = JSON.parse(data);
        if (frame.op === 'error') reject(new Error(data));
        if (frame.op === 'ready') while (sent < Math.min(unanswered, count)) send();
        if (frame.op !== 'ack') return;
        stored += 1;
        if (sent < count) send();
        if (stored === count) resolve();
      };
    });
  await writer.evaluate(fill, [room, kMessages, kUnanswered]);
  await writer.context().close();
}

serveAndBrowse(async () => {
  [minji, youngho] = await Promise.all(['김민지', '박영호'].map((name) => Person.make(server, name)));
  room = await minji.group('긴 이야기', youngho);
  const started = Date.now();
  await writeAll();
  console.log(`${kMessages} messages written in ${Date.now() - started} ms`);
  await minji.ask('PUT', `/v1/rooms/${room}/read`, { seq: 10 * kMessages });
  page = await minji.open(browser, `/rooms/${room}`);
  list = page.getByRole('log');
});

const ends = () => list.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight);
const atEnd = () => until(async () => (await page.locator('.bubble').count()) > 3 && (await ends()) < 2);

/** The first message that begins in sight, and where; nothing until the list has drawn what is there. */
const inSight = () =>
  list.evaluate((e) => {
    const top = e.getBoundingClientRect().top;
    const within = (y) => y > top + 5 && y < top + e.clientHeight;
    const found = [...e.querySelectorAll('.bubble')].find((b) => within(b.getBoundingClientRect().top));
    return found && { text: found.textContent, y: Math.round(found.getBoundingClientRect().top - top) };
  });
const placeOf = (text) =>
  list.evaluate((e, wanted) => {
    const found = [...e.querySelectorAll('.bubble')].find((b) => b.textContent === wanted);
    return found ? Math.round(found.getBoundingClientRect().top - e.getBoundingClientRect().top) : null;
  }, text);

/** Goes near an end of what is loaded, as a hand does; what is in sight stays while the page comes in. */
async function readOn(up) {
  const answered = page.waitForResponse((r) => /messages\?.*(before|after)=/.test(r.url()));
  await list.evaluate((e, upwards) => {
    e.scrollTop = upwards ? 150 : e.scrollHeight - e.clientHeight - 150;
  }, up);
  const before = await until(inSight);
  await answered;
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60))));
  const y = await placeOf(before.text);
  assert.ok(y !== null && Math.abs(y - before.y) <= 2, `${before.text}: ${before.y} → ${y}`);
}

test('it opens at its end, and reading upwards never loses the place', async () => {
  await atEnd();
  for (let i = 0; i < 25; ++i) await readOn(true);
  assert.ok((await page.locator('.bubble').count()) < 80, 'only what is near is in the document');
});

test('a window or letters of another size keep the message in sight', async () => {
  const there = async (why) => {
    await page.waitForTimeout(300);
    let y, height;
    const kept = async () => {
      y = await placeOf(marked);
      height = await list.evaluate((e) => e.clientHeight);
      return y !== null && y > -60 && y < height;
    };
    // What is drawn anew takes as long as it takes: it must not stay away.
    await until(kept, 30_000, () => `${why}: ${y} of ${height}`);
  };
  await list.evaluate((e) => (e.scrollTop = e.scrollHeight / 2));
  await page.waitForTimeout(300);
  const { text: marked } = await until(inSight);
  // What a browser does at 200 %: half as many pixels, each twice as large.
  await page.setViewportSize({ width: 640, height: 400 });
  await there('zoomed to 200 %');
  await page.setViewportSize({ width: 360, height: 740 });
  await there('on a phone');
  await page.setViewportSize({ width: 1280, height: 800 });
  await there('as it was');
});

test('somewhere in the middle: both directions keep the place', async () => {
  await page.goto(`${server.url}/rooms/${room}?at=${kMessages / 2}`);
  await page.locator('.marked').waitFor();
  for (let i = 0; i < 8; ++i) await readOn(i % 2 === 0);
  await page.goto(`${server.url}/rooms/${room}?at=2`);
  await page.getByText('대화의 처음이에요').waitFor();
});

test('the end is one press away, is kept when letters grow, and a new message is there at once', async () => {
  await page.getByRole('button', { name: '맨 아래로' }).click();
  await atEnd();
  await page.evaluate(() => (document.documentElement.dataset.size = '5'));
  await until(async () => (await ends()) < 2);
  await page.evaluate(() => (document.documentElement.dataset.size = '1'));
  await until(async () => (await ends()) < 2);
  await write(page, '오만 번째 다음이에요');
  await sees(page, '오만 번째 다음이에요');
  await youngho.send(room, '반가워요');
  await sees(page, '반가워요');
  await until(async () => (await ends()) < 2);
  await page.context().close();
});

// So many pages of a hundred are read on in one go; all of them: RESPRING_PAGES=600.
const kPages = Number(process.env.RESPRING_PAGES ?? 50);

test('five thousand in one list: writing in it is still a matter of a moment', async () => {
  page = await minji.open(browser, `/rooms/${room}`, { viewport: { width: 360, height: 740 } });
  list = page.getByRole('log');
  await atEnd();
  const read = await page.evaluate(async (most) => {
    const box = document.querySelector('[role=log]');
    performance.setResourceTimingBufferSize(5000);
    const pages = () => performance.getEntriesByType('resource').filter((e) => e.name.includes('before=')).length;
    const start = performance.now();
    while (pages() < most && !document.querySelector('.start')) {
      const had = pages();
      for (let i = 0; i < 200 && pages() === had; ++i) {
        box.scrollTop = 0;
        await new Promise((done) => setTimeout(done, 20));
      }
      if (pages() === had) break;
    }
    return { pages: pages(), ms: Math.round(performance.now() - start), px: box.scrollHeight };
  }, kPages);
  console.log(`${read.pages} pages read upwards in ${read.ms} ms, ${read.px} px`);
  assert.ok(read.pages >= Math.min(kPages, kMessages / 100 - 1));
  await page.getByRole('button', { name: '맨 아래로' }).click();
  await atEnd();
  const started = Date.now();
  await write(page, '끝까지 읽었어요');
  await sees(page, '끝까지 읽었어요');
  console.log(`one's own message was shown after ${Date.now() - started} ms`);
  assert.ok((await page.locator('.bubble').count()) < 80);
  await page.context().close();
});
