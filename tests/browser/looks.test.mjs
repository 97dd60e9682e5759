// What it looks like, for everyone: axe on every page in each theme and two text sizes, reflow at
// 320 px, the page without a server. RESPRING_SCREENSHOTS=folder keeps the main screens as pictures.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { axeSource, browser, cookieOf, LONGEST_WAIT, Person, serveAndBrowse, server, until, watch } from './support.mjs';

let minji, youngho, room, alone;
serveAndBrowse(async () => {
  let sunja;
  [minji, youngho, sunja] = await Promise.all(
    ['김민지', '박영호', '이순자'].map((name) => Person.make(server, name)),
  );
  alone = await Person.make(server, '최홀로');
  room = await youngho.group('둘레길 모임', minji, sunja);
  const direct = await sunja.direct(minji);
  await sunja.send(direct, '민지 씨, 사진 잘 받았어요.');
  const first = await youngho.send(room, '이번 토요일 북한산 둘레길 어떠세요?');
  await sunja.send(room, '좋아요. 무릎이 안 좋으니 쉬운 길로 가요.');
  await minji.send(room, '제가 도시락을 준비할게요.', { reply_to: first.seq });
  await youngho.send(room, '길은 여기에 있어요: https://example.org/trail');
  const react = `/v1/rooms/${room}/messages/${first.seq}/reactions/${encodeURIComponent('👍')}`;
  await Promise.all([minji, sunja].map((person) => person.ask('PUT', react)));
  await sunja.send(room, '그럼 우이역 2번 출구에서 뵙겠습니다. 다시 봄이 왔네요 🌸');
  await minji.finds('둘레길', 1);
});

const pages = () => [
  ['rooms', '/', (p) => p.getByText('둘레길 모임').waitFor()],
  ['conversation', `/rooms/${room}`, (p) => p.locator('.bubble').first().waitFor()],
  ['info', `/rooms/${room}/info`, (p) => p.getByRole('dialog').getByText('박영호').waitFor()],
  ['menu', `/rooms/${room}`, (p) => p.getByRole('button', { name: '내 메시지 메뉴' }).first().click()
    .then(() => p.getByRole('dialog').waitFor())],
  ['new', '/new', (p) => p.getByLabel('이름이나 아이디로 사람 찾기').fill('ㅂㅇㅎ')
    .then(() => p.locator('.person').first().waitFor())],
  ['nobody', '/new', (p) => p.getByLabel('이름이나 아이디로 사람 찾기').fill('없는사람')
    .then(() => p.locator('.nothing').waitFor())],
  ['invited', '/join/none', (p) => p.getByRole('button', { name: '대화방에 들어가기' }).click()
    .then(() => p.getByText('쓸 수 없는 초대예요.').waitFor())],
  ['nothing found', '/search', (p) => p.getByLabel('찾을 말').fill('없는말이에요').then(() => p.locator('.nothing').waitFor())],
  ['search', '/search', (p) => p.getByLabel('찾을 말').fill('둘레길').then(() => p.locator('.hit').waitFor())],
  ['settings', '/settings', (p) => p.getByText('지금 이 기기').first().waitFor()],
];

async function violations(page) {
  const results = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return results.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`);
}

const wish = (theme, size) => ({ theme, size, language: 'ko', enter: 'send', list: 'normal' });
const axe = { initScript: readFileSync(axeSource, 'utf8') };

for (const theme of ['light', 'dark', 'contrast']) {
  for (const size of [1, 5]) {
    test(`axe finds nothing: ${theme}, text size ${size}`, async () => {
      const page = await minji.open(browser, '/', {
        preferences: wish(theme, size),
        viewport: size === 5 ? { width: 360, height: 740 } : { width: 1280, height: 800 },
      });
      await page.addInitScript(axe.initScript);
      const found = [];
      const look = async (name, path, ready) => {
        await page.goto(server.url + path);
        await ready(page);
        found.push(...(await violations(page)).map((each) => `${name}: ${each}`));
      };
      for (const each of [...pages(), ['gallery', '/gallery', (p) => p.locator('.trouble').waitFor()]]) await look(...each);
      await page.context().addCookies([cookieOf(alone)]);
      await look('no rooms', '/', (p) => p.getByText('아직 대화방이 없어요.').waitFor());
      await page.context().clearCookies();
      await look('sign-in', '/', (p) => p.getByLabel('아이디').waitFor());
      await look('refused', '/', async (p) => {
        await p.getByRole('button', { name: '처음이에요 · 가입하기' }).click();
        await p.getByRole('button', { name: '가입하고 시작하기' }).click();
        await p.locator('.field-error').first().waitFor();
      });
      assert.deepEqual(found, []);
      await page.context().close();
    });
  }
}

test('at 320 px nothing has to be scrolled sideways, at every text size', async () => {
  for (const size of [1, 3, 5]) {
    const page = await minji.open(browser, '/', {
      preferences: wish('light', size),
      viewport: { width: 320, height: 640 },
    });
    for (const [name, path, ready] of pages()) {
      await page.goto(server.url + path);
      await ready(page);
      // The page itself, and whatever in it scrolls: a dialog has a width of its own.
      const wide = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('dialog, main, [role=log]')]
          .filter((e) => e.scrollWidth > Math.max(e.clientWidth, 1))
          .map((e) => `${e.tagName} ${e.className}: ${e.scrollWidth}/${e.clientWidth}`),
      );
      assert.deepEqual(wide, [], `${name} at size ${size}`);
    }
    await page.context().close();
  }
});

test('what is pressed is at least 44 px, on every page', async () => {
  for (const viewport of [{ width: 360, height: 740 }, { width: 1280, height: 800 }]) {
    const page = await minji.open(browser, '/', { preferences: wish('light', 1), viewport });
    for (const [name, path, ready] of pages()) {
      await page.goto(server.url + path);
      await ready(page);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('button, a[class], input, select, textarea, summary')]
          // A box to tick is as large as its label.
          .map((e) => [e, (/checkbox|radio/.test(e.type) && e.closest('label')) || e])
          .map(([e, target]) => [e.outerHTML.slice(0, 120), target.getBoundingClientRect()])
          .filter(([, box]) => box.width > 1 && (box.height < 43.5 || box.width < 43.5))
          .map(([html, box]) => `${Math.round(box.width)} × ${Math.round(box.height)}: ${html}`),
      );
      assert.deepEqual(small, [], `${name}, ${viewport.width} px wide`);
    }
    await page.context().close();
  }
});

test('without a server the page still opens, and is whole when it is back', async () => {
  const page = await minji.open(browser, '/');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await until(() => page.evaluate(async () => (await caches.keys()).some((k) => k.startsWith('shell'))));
  await page.reload();
  await page.getByText('둘레길 모임').waitFor();
  await server.kill();
  await page.reload();
  await page.getByText('서버에 연결하지 못했어요.').waitFor();
  await server.start();
  await page.getByText('둘레길 모임').waitFor({ timeout: LONGEST_WAIT });
  await page.context().close();
});

test('the gallery shows every state', async () => {
  const page = await (await browser.newContext()).newPage();
  watch(page);
  await page.goto(`${server.url}/gallery`);
  await page.getByText('보내지 못한 글이에요').waitFor();
  await page.context().close();
});

const folder = process.env.RESPRING_SCREENSHOTS;
test('pictures of the main screens', { skip: !folder }, async () => {
  const shoot = async (name, path, ready, options) => {
    const page = await minji.open(browser, path, options);
    await ready(page);
    await page.evaluate(() => document.fonts.ready.then(() => true));
    await page.waitForTimeout(3000);  // our letters come after the first screen
    await page.screenshot({ path: `${folder}/${name}.png` });
    await page.context().close();
  };
  const phone = { viewport: { width: 360, height: 740 } };
  const main = ['rooms', 'conversation', 'info', 'new', 'search', 'settings'];
  for (const [name, path, ready] of pages().filter(([each]) => main.includes(each))) {
    await shoot(`phone-${name}`, path, ready, { ...phone, preferences: wish('light', 1) });
  }
  await shoot('desktop', `/rooms/${room}`, pages()[1][2], { preferences: wish('light', 1) });
  await shoot('desktop-dark', `/rooms/${room}`, pages()[1][2], { preferences: wish('dark', 1) });
  await shoot('desktop-contrast', `/rooms/${room}`, pages()[1][2], { preferences: wish('contrast', 1) });
  const search = pages().find(([each]) => each === 'search');
  await shoot('desktop-search', `/search?room=${room}`, search[2], { preferences: wish('light', 1) });
  await shoot('phone-large', `/rooms/${room}`, pages()[1][2], { ...phone, preferences: wish('light', 5) });
  const context = await browser.newContext({ ...phone, locale: 'ko-KR' });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel('아이디').waitFor();
  await page.waitForTimeout(3000);
  await page.screenshot({ path: `${folder}/phone-signin.png` });
  await context.close();
});
