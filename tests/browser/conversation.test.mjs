// What a conversation shows: days, the place where reading stopped, who is there and has read, links,
// long texts, the simple list; what of the screen is spoken; what can be found.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, bubbles, field, Person, sees, serveAndBrowse, server, until, write } from './support.mjs';

serveAndBrowse();

const people = (...names) => Promise.all(names.map((name) => Person.make(server, name)));
const closed = (...pages) => Promise.all(pages.map((page) => page.context().close()));

test('it opens where reading stopped, says so, and counts as read what was seen', async () => {
  const [minji, youngho] = await people('김민지', '박영호');
  const room = await minji.direct(youngho);
  await youngho.send(room, '읽은 글이에요');
  await minji.ask('PUT', `/v1/rooms/${room}/read`, { seq: 100 });
  for (const text of ['첫째 새 글', '둘째 새 글']) await youngho.send(room, text);
  const other = await youngho.open(browser, `/rooms/${room}`);
  await sees(other, '둘째 새 글');
  assert.equal(await other.locator('.receipt', { hasText: '읽음' }).count(), 0);
  const page = await minji.open(browser, '/');
  await page.locator('.badge', { hasText: '2' }).waitFor();
  await page.getByRole('link', { name: /박영호/ }).click();
  const rows = page.locator('[role=separator], .bubble .text');
  await until(async () => (await rows.count()) === 4);
  assert.deepEqual(await rows.allTextContents(), ['읽은 글이에요', '여기까지 읽으셨어요', '첫째 새 글', '둘째 새 글']);
  await page.getByRole('heading', { name: '오늘' }).waitFor();
  await page.locator('.badge').waitFor({ state: 'detached' });
  await other.locator('.receipt', { hasText: '읽음' }).waitFor();
  await page.locator('.online').waitFor();
  await closed(page, other);
});

test('links are links and nothing else is; a long text is folded; pictures of letters are put in', async () => {
  const [minji, youngho] = await people('김민지', '박영호');
  const room = await minji.direct(youngho);
  await youngho.send(room, 'https://example.org/a?b=1. <img src=x onerror=alert(1)> javascript:alert(1)');
  await youngho.send(room, Array.from({ length: 40 }, (_, i) => `${i}번째 줄`).join('\n'));
  const page = await minji.open(browser, `/rooms/${room}`);
  const link = page.locator('.bubble a');
  await link.waitFor();
  assert.equal(await link.count(), 1);
  assert.equal(await link.getAttribute('href'), 'https://example.org/a?b=1');
  assert.match(await link.getAttribute('rel'), /noopener noreferrer/);
  assert.equal(await page.locator('.bubble img').count(), 0);
  const text = page.locator('.bubble .text', { hasText: '0번째 줄' });
  const height = () => text.evaluate((e) => e.clientHeight);
  const folded = await height();
  await page.getByRole('button', { name: '더 보기' }).click();
  await until(async () => (await height()) > 2 * folded);
  await page.getByRole('button', { name: '표정' }).click();
  await page.getByRole('button', { name: '🌸' }).click();
  await page.keyboard.press('Enter');
  await sees(page, '🌸');
  await closed(page);
});

test('a reply leads to what it answers, however far that is', async () => {
  const [minji, youngho] = await people('김민지', '박영호');
  const room = await minji.group('답장', youngho);
  const first = await youngho.send(room, '아주 오래된 물음');
  for (let i = 0; i < 120; ++i) await youngho.send(room, `그 사이의 글 ${i}`);
  await minji.send(room, '늦은 대답', { reply_to: first.seq });
  const page = await minji.open(browser, `/rooms/${room}`);
  await page.locator('.quote', { hasText: '아주 오래된 물음' }).click();
  await page.locator('.marked .text', { hasText: '아주 오래된 물음' }).waitFor();
  await page.waitForTimeout(800);
  assert.ok((await bubbles(page)).includes('아주 오래된 물음'), 'it stays there');
  await write(page, '다시 아래에서');
  await sees(page, '다시 아래에서');
  await closed(page);
});

test('the simple list is in the order of the document, without gaps', async () => {
  const [minji, youngho] = await people('김민지', '박영호');
  const room = await minji.group('간단한 목록', youngho);
  for (let i = 0; i < 60; ++i) await youngho.send(room, `줄 ${i}`);
  const page = await minji.open(browser, `/rooms/${room}`, {
    preferences: { list: 'simple', language: 'ko', size: 1, theme: 'light', enter: 'send' },
  });
  await sees(page, '줄 59');
  const list = page.getByRole('log');
  await list.evaluate((e) => (e.scrollTop = 0));
  await sees(page, '줄 0');
  assert.deepEqual(await bubbles(page), Array.from({ length: 60 }, (_, i) => `줄 ${i}`));
  await write(page, '끝');
  await sees(page, '끝');
  await until(() => list.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight < 2));
  await closed(page);
});

test('one polite region says what changes by itself, also while a dialog is open', async () => {
  const [minji, youngho] = await people('김민지', '박영호');
  const room = await minji.direct(youngho);
  const page = await minji.open(browser, '/settings');
  await page.getByText('지금 이 기기').first().waitFor();
  await youngho.send(room, '들리세요?');
  const polite = page.locator('[aria-live=polite], [role=status]');
  await polite.filter({ hasText: '박영호 님: 들리세요?' }).waitFor({ state: 'attached' });
  assert.equal(await polite.count(), 1);
  assert.ok(await polite.evaluate((e) => e.closest('dialog') !== null), 'the rest of the page is deaf');
  await page.getByRole('button', { name: '닫기' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await polite.count(), 1);
  await closed(page);
});

test('found: by words, room, person and time, beside the conversation that it leads to', async () => {
  const [minji, youngho, sunja] = await people('김민지', '박영호', '이순자');
  const walks = await minji.group('걷기', youngho, sunja);
  const books = await minji.group('책', youngho);
  await youngho.send(walks, '봄 소풍은 걷기로 해요');
  await sunja.send(walks, '소풍 좋아요');
  await youngho.send(books, '소풍 이야기책을 읽었어요');
  await minji.finds('소풍', 3);
  const page = await minji.open(browser, '/search');
  await page.getByLabel('찾을 말').fill('소풍');
  const hits = (count) => until(async () => (await page.locator('.hit').count()) === count, 30_000, () => `${count} hits`);
  await hits(3);
  await page.getByLabel('어디에서').selectOption({ label: '걷기' });
  await hits(2);
  await page.getByLabel('누가 쓴 글').selectOption({ label: '이순자' });
  await hits(1);
  await page.getByLabel('언제').selectOption({ label: '지난 7일' });
  await hits(1);
  await page.locator('.hit').click();
  await page.locator('.marked .text', { hasText: '소풍 좋아요' }).waitFor();
  await hits(1);  // still there, beside it
  await page.getByRole('link', { name: '닫기' }).click();
  await page.getByRole('navigation', { name: '대화' }).waitFor();
  await sees(page, '소풍 좋아요');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('link', { name: '찾기' }).click();
  await page.getByLabel('찾을 말').fill('이야기책');
  await page.getByLabel('어디에서').selectOption({ label: '모든 대화' });
  await hits(1);
  await page.locator('.hit').click();
  await field(page).waitFor();
  await page.getByRole('link', { name: '뒤로' }).click();
  await page.locator('.hit').waitFor();
  assert.equal(await page.getByLabel('찾을 말').inputValue(), '이야기책');
  await closed(page);
});
