// Bad days: answers lost, servers killed, no network; and what hands do: Hangul, keys, long histories.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, bubbles, field, LONGEST_WAIT, Person, sees, serveAndBrowse, server, until, write } from './support.mjs';

serveAndBrowse();

async function two(title) {
  const [minji, youngho] = await Promise.all(['김민지', '박영호'].map((n) => Person.make(server, n)));
  const room = title ? await minji.group(title, youngho) : await minji.direct(youngho);
  return { minji, youngho, room };
}

test('the line breaks after the server stored and before it answered: one message, everywhere', async () => {
  const { minji, youngho, room } = await two();
  const page = await minji.open(browser, '/');
  await page.getByText('박영호').waitFor();
  // The first acknowledgement never arrives; then the line is gone.
  let cut = false;
  await page.routeWebSocket(/\/v1\/ws/, (socket) => {
    const real = socket.connectToServer();
    socket.onMessage((text) => real.send(text));
    real.onMessage((text) => {
      const { op, kind } = JSON.parse(text);
      if (!cut && (op === 'ack' || (op === 'event' && kind === 'message'))) {
        cut = true;
        void socket.close({ code: 1001 });
        void real.close();
        return;
      }
      if (!cut || op !== undefined) socket.send(text);
    });
  });
  await page.goto(`${server.url}/rooms/${room}`);
  await field(page).waitFor();
  const other = await youngho.open(browser, `/rooms/${room}`);
  await write(page, '꼭 한 번만');
  await until(() => cut);
  await sees(page, '꼭 한 번만');
  await sees(other, '꼭 한 번만');
  await page.getByText('보내는 중').waitFor({ state: 'detached' });
  assert.deepEqual(await youngho.texts(room), ['꼭 한 번만']);
  await Promise.all([page, other].map((each) => each.context().close()));
});

test('the server is killed in mid-conversation: nothing is lost, nothing comes twice, in order', async () => {
  const { minji, youngho, room } = await two();
  const [one, other] = await Promise.all([minji, youngho].map((p) => p.open(browser, `/rooms/${room}`)));
  await write(one, '하나');
  await sees(other, '하나');
  await server.kill();
  await write(one, '둘');
  await write(one, '셋');
  await one.locator('.offline').waitFor();
  await until(async () => (await one.getByText('연결되면 보내요').count()) === 2);
  await one.goto('about:blank');  // whoever closes the page keeps what he wrote
  await server.start();
  await one.goto(`${server.url}/rooms/${room}`);
  await sees(other, '셋', 1, LONGEST_WAIT);
  await sees(one, '셋');
  await until(async () => (await youngho.texts(room)).length === 3);
  assert.deepEqual(await youngho.texts(room), ['하나', '둘', '셋']);
  assert.deepEqual(await bubbles(other), ['하나', '둘', '셋']);
  await one.locator('.offline').waitFor({ state: 'detached' });
  await Promise.all([one, other].map((each) => each.context().close()));
});

test('Enter while a syllable is composed sends once, with it', async () => {
  const { minji, youngho, room } = await two();
  const page = await minji.open(browser, `/rooms/${room}`, {
    preferences: { enter: 'send', language: 'ko', size: 1, theme: 'light', list: 'normal' },
  });
  await field(page).click();
  const keys = await page.context().newCDPSession(page);
  const compose = (text) =>
    keys.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  const press = (type) =>
    keys.send('Input.dispatchKeyEvent', { type, key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 13 });
  await keys.send('Input.insertText', { text: '안녕하세' });
  for (const step of ['ㅇ', '요']) await compose(step);
  await press('rawKeyDown');
  await keys.send('Input.insertText', { text: '요' });
  await press('keyUp');
  await sees(page, '안녕하세요');
  assert.equal(await field(page).inputValue(), '');
  await page.keyboard.type('하나');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('둘');
  await page.keyboard.press('Enter');
  await sees(page, '하나\n둘');
  await until(async () => (await youngho.texts(room)).length === 2);  // the bubble is there at once
  assert.deepEqual(await youngho.texts(room), ['안녕하세요', '하나\n둘']);
  await page.context().close();
});

test('everything can be done with keys alone', async () => {
  const { minji, youngho, room } = await two('걷기 모임');
  await youngho.send(room, '키보드로도 되나요?');
  const page = await minji.open(browser, '/');
  await page.getByText('걷기 모임').waitFor();
  const reach = async (name, most = 40) => {
    for (let i = 0; i < most; ++i) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const e = document.activeElement;
        const box = e?.getBoundingClientRect();
        const seen = box && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
        return `${seen ? '' : 'hidden '}${e?.getAttribute('aria-label') ?? e?.textContent ?? ''}`;
      });
      if (at.includes(name)) return assert.ok(!at.startsWith('hidden'), at);
    }
    throw new Error(`${name} cannot be reached`);
  };
  await reach('걷기 모임');
  await page.keyboard.press('Enter');
  await field(page).waitFor();
  await reach('박영호 님의 메시지 메뉴');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await reach('답장');
  await page.keyboard.press('Enter');
  await page.keyboard.type('그럼요');
  await page.keyboard.press('Enter');
  await sees(page, '그럼요');
  await page.context().close();
});

test('a long history: reading on keeps the place, and the end is kept only at the end', async () => {
  const { minji, youngho, room } = await two('긴 이야기');
  for (let i = 0; i < 600; ++i) await youngho.send(room, `긴 이야기의 ${i}번째 줄이에요. `.repeat(1 + (i % 5)).trim());
  await minji.ask('PUT', `/v1/rooms/${room}/read`, { seq: 10_000 });
  const page = await minji.open(browser, `/rooms/${room}`);
  const list = page.getByRole('log');
  const ends = () => list.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight);
  await until(async () => (await page.locator('.bubble').count()) > 3 && (await ends()) < 2);
  // Up, page by page; what is in sight stays where it is while older pages come in above.
  for (let i = 0; i < 6; ++i) {
    await list.evaluate((e) => (e.scrollTop = 150));
    const before = await until(() =>
      list.evaluate((e) => {
        const { top, bottom } = e.getBoundingClientRect();
        // Just after the jump only what was in sight before is in the document.
        const found = [...e.querySelectorAll('.bubble')].find((b) => {
          const y = b.getBoundingClientRect().top;
          return y > top + 5 && y < bottom;
        });
        return found && { text: found.textContent, y: Math.round(found.getBoundingClientRect().top) };
      }),
    );
    await page.waitForTimeout(700);
    const y = await list.evaluate((e, text) => {
      const found = [...e.querySelectorAll('.bubble')].find((b) => b.textContent === text);
      return found ? Math.round(found.getBoundingClientRect().top) : null;
    }, before.text);
    assert.ok(y !== null && Math.abs(y - before.y) <= 2, `${before.text}: ${before.y} → ${y}`);
  }
  await youngho.send(room, '새 소식이에요');
  await page.getByRole('button', { name: '새 메시지 1개' }).click();
  await sees(page, '새 소식이에요');
  await until(async () => (await ends()) < 2);
  await youngho.send(room, '하나 더');
  await sees(page, '하나 더');
  await until(async () => (await ends()) < 2);
  await page.setViewportSize({ width: 640, height: 400 });
  await until(async () => (await ends()) < 2);
  assert.ok((await page.locator('.bubble').count()) < 80, 'only what is near is in the document');
  await page.context().close();
});

test('logging out leaves nothing behind', async () => {
  const { minji, room } = await two();
  const page = await minji.open(browser, `/rooms/${room}`);
  await field(page).fill('쓰다 만 글');
  await page.waitForTimeout(600);
  await page.goto(`${server.url}/settings`);
  await page.getByRole('button', { name: '로그아웃', exact: true }).click();
  await page.getByRole('button', { name: '로그인', exact: true }).waitFor();
  const left = () => page.evaluate(async () => (await indexedDB.databases()).map((each) => each.name));
  await until(async () => !(await left()).some((name) => name.startsWith('respring-')));
  assert.deepEqual((await page.context().cookies()).map((cookie) => cookie.name), []);
  await page.context().close();
});
