// People and their rooms, by hand: groups, invitations, roles, leaving, muting, pinning; the settings.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { browser, cookieOf, field, PASSWORD, Person, sees, serveAndBrowse, server, until, watch } from './support.mjs';

serveAndBrowse();

const people = (...names) => Promise.all(names.map((name) => Person.make(server, name)));
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const line = (page, text) => page.locator('.line', { hasText: text }).waitFor();
const closed = (...pages) => Promise.all(pages.map((page) => page.context().close()));

test('a group: made, renamed, joined by a link, led together, left; everybody sees it happen', async () => {
  const [minji, youngho, sunja] = await people('김민지', '박영호', '이순자');
  const one = await minji.open(browser, '/new');
  for (const who of [youngho, sunja]) {
    await one.getByLabel('이름이나 아이디로 사람 찾기').fill(who.handle);
    await one.locator('.person').click();
  }
  await one.getByRole('button', { name: '이순자 님 빼기' }).click();
  await one.getByLabel('이름이나 아이디로 사람 찾기').fill(sunja.handle);
  await one.locator('.person').click();
  await one.getByLabel('모임 이름').fill('등산');
  await press(one, '대화 시작');
  await field(one).waitFor();
  const room = /rooms\/(\d+)/.exec(one.url())[1];
  const two = await youngho.open(browser, `/rooms/${room}`);
  await field(two).waitFor();

  await one.getByRole('link', { name: '메뉴' }).click();
  await one.getByLabel('모임 이름 바꾸기').fill('아침 등산');
  await press(one, '저장하기');
  await line(two, '김민지 님이 모임 이름을 바꾸었어요: 아침 등산');
  await two.getByRole('heading', { name: '아침 등산' }).waitFor();

  await press(one, '초대 링크 만들기');
  const link = await one.getByLabel('초대 링크 만들기').inputValue();
  const [guest] = await people('최하늘');
  const three = await guest.open(browser, new URL(link).pathname);
  await press(three, '대화방에 들어가기');
  await field(three).waitFor();
  await line(three, '최하늘 님이 들어왔어요');
  await line(two, '최하늘 님이 들어왔어요');

  const of = (page, name) => page.locator('.member', { hasText: name });
  await of(one, '최하늘').getByRole('button', { name: '운영자로 하기' }).click();
  await line(three, '최하늘 님이 운영자가 되었어요');
  await of(one, '최하늘').getByRole('button', { name: '운영자 해제' }).click();
  await line(three, '최하늘 님은 이제 운영자가 아니에요');

  await of(one, '최하늘').getByRole('button', { name: '내보내기' }).click();
  await press(one, '그만두기');
  await of(one, '최하늘').getByRole('button', { name: '내보내기' }).click();
  await press(one, '내보내기');
  await line(two, '김민지 님이 최하늘 님을 내보냈어요');
  await three.getByText('대화방이 없어졌거나 더 이상 계시지 않아요.').waitFor();

  await press(one, '대화방 나가기');
  await one.getByText('정말 나가시겠어요?').waitFor();
  await one.locator('.ask').getByRole('button', { name: '대화방 나가기' }).click();
  await one.getByText('아직 대화방이 없어요.').waitFor();
  await line(two, '김민지 님이 나갔어요');
  await line(two, '님이 방장이 되었어요');
  await two.reload();
  await line(two, '최하늘 님이 들어왔어요');
  await line(two, '김민지 님이 나갔어요');
  await closed(one, two, three);
});

test('the list: unread, last words, pinned above, muted is calm, found by initial consonants', async () => {
  const [minji, youngho] = await people('김민지', '박영호');
  const walks = await youngho.group('걷기 모임', minji);
  const books = await youngho.group('책 모임', minji);
  const page = await minji.open(browser, '/');
  await youngho.send(walks, '내일은 비가 온대요');
  await youngho.send(books, '이번 주에 읽을 책이에요');
  await until(async () => (await page.title()).startsWith('(2)'));
  const names = () => page.locator('.room-name').allTextContents();
  await until(async () => (await names()).join() === '책 모임,걷기 모임');
  await page.getByText('박영호: 내일은 비가 온대요').waitFor();
  await page.goto(`${server.url}/rooms/${walks}/info`);
  await press(page, '위에 고정');
  await press(page, '알림 끄기');
  await page.getByRole('button', { name: '알림 켜기' }).waitFor();
  await press(page, '닫기');
  await until(async () => (await names()).join() === '걷기 모임,책 모임');
  await page.locator('.room', { hasText: '걷기 모임' }).getByText('고정').waitFor();
  await page.goto(server.url);
  await page.getByLabel('대화방 이름으로 찾기').fill('ㄱㄱ');
  await until(async () => (await names()).join() === '걷기 모임');
  await closed(page);
});

test('settings hold: letters, colours, language, the Enter key, the name', async () => {
  const [minji] = await people('김민지');
  const page = await minji.open(browser, '/settings');
  const look = () => page.evaluate(() => ({ ...document.documentElement.dataset, lang: document.documentElement.lang }));
  await page.getByLabel('아주 크게').check();
  await page.getByLabel('어둡게').check();
  await page.getByLabel('엔터로 줄 바꾸기').check();
  await page.getByLabel('English').check();
  assert.deepEqual(await look(), { theme: 'dark', size: '4', lang: 'en' });
  await page.getByLabel('Name', { exact: true }).fill('Minji');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  assert.deepEqual(await look(), { theme: 'dark', size: '4', lang: 'en' });
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Minji');
  const me = await minji.ask('GET', '/v1/users/me');
  assert.deepEqual([me.display_name, me.locale], ['Minji', 'en']);
  await closed(page);
});

test('what is known of somebody can be taken home, devices have names, and can be logged out', async () => {
  const [minji, youngho] = await people('김민지', '박영호');
  await minji.send(await minji.direct(youngho), '가져갈 글이에요');
  const agent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36';
  const away = await browser.newContext({ locale: 'ko-KR', userAgent: agent });
  const old = await away.newPage();
  await old.goto(server.url);
  await old.getByLabel('아이디').fill(minji.handle);
  await old.getByLabel('비밀번호', { exact: true }).fill(PASSWORD);
  await press(old, '로그인');
  await old.getByRole('link', { name: /박영호/ }).waitFor();

  const page = await minji.open(browser, '/settings');
  const file = page.waitForEvent('download');
  await page.getByRole('link', { name: '내 정보 내려받기' }).click();
  const lines = readFileSync(await (await file).path(), 'utf8').trim().split('\n').map((each) => JSON.parse(each));
  assert.ok(lines.some((each) => each.type === 'message' && JSON.stringify(each).includes('가져갈 글이에요')));

  await page.locator('.member', { hasText: 'Windows의 Chrome' }).getByRole('button', { name: '로그아웃시키기' }).click();
  await old.getByText('이 기기의 로그인이 끝났어요.').waitFor();
  await closed(page, old);
});

test('a password changes, and somebody leaves for good', async () => {
  const [minji, youngho] = await people('김민지', '박영호');
  const room = await minji.direct(youngho);
  await minji.send(room, '그동안 고마웠어요');
  const page = await minji.open(browser, '/settings');
  await press(page, '비밀번호 바꾸기');
  await page.getByLabel('지금 비밀번호').fill('not this one');
  await page.getByLabel('새 비밀번호').fill('another-spring-2');
  await page.locator('form', { hasText: '새 비밀번호' }).getByRole('button', { name: '저장하기' }).click();
  await page.locator('.field-error').waitFor();
  await page.getByLabel('지금 비밀번호').fill(PASSWORD);
  await page.locator('form', { hasText: '새 비밀번호' }).getByRole('button', { name: '저장하기' }).click();
  await page.getByText('비밀번호를 바꾸었어요.').waitFor();
  const other = await youngho.open(browser, `/rooms/${room}`);
  await sees(other, '그동안 고마웠어요');
  await press(page, '서비스 탈퇴');
  await page.getByLabel('비밀번호', { exact: true }).fill('another-spring-2');
  await page.getByLabel('내가 쓴 메시지도 지우기').check();
  await press(page, '탈퇴하기');
  await page.getByLabel('아이디').waitFor();
  await other.reload();
  await sees(other, '지운 메시지예요');
  await other.getByRole('heading', { name: '탈퇴한 분' }).waitFor();
  await closed(page, other);
});

test('whoever is blocked reads, and is told that he cannot write', async () => {
  const [minji, youngho] = await people('김민지', '박영호');
  const room = await minji.direct(youngho);
  const one = await minji.open(browser, `/rooms/${room}/info`);
  await press(one, '이분 차단하기');
  await one.getByText('차단하면 서로 메시지를 보낼 수 없어요.').waitFor();
  await one.locator('.ask').getByRole('button', { name: '이분 차단하기' }).click();
  await one.getByRole('button', { name: '차단 풀기' }).waitFor();
  const other = await youngho.open(browser, `/rooms/${room}`);
  await field(other).fill('여보세요?');
  await press(other, '보내기');
  await other.getByText('이 대화방에는 지금 메시지를 보낼 수 없어요.').waitFor();
  await press(one, '차단 풀기');
  await one.getByRole('button', { name: '이분 차단하기' }).waitFor();
  await press(other, '다시 보내기');
  await other.getByText('보내지 못했어요').waitFor({ state: 'detached' });
  assert.deepEqual(await minji.texts(room), ['여보세요?']);
  await closed(one, other);
});

test('a link to a room for somebody who is logged out leads there after the log-in', async () => {
  const [minji, youngho] = await people('김민지', '박영호');
  const room = await youngho.direct(minji);
  const context = await browser.newContext({ locale: 'ko-KR' });
  const page = await context.newPage();
  watch(page);
  await page.goto(`${server.url}/rooms/${room}`);
  await page.getByLabel('아이디').fill(minji.handle);
  await page.getByLabel('비밀번호', { exact: true }).fill(PASSWORD);
  await press(page, '로그인');
  await field(page).waitFor();
  await context.clearCookies();
  await context.addCookies([cookieOf(minji)]);
  await page.reload();
  await field(page).waitFor();
  await context.close();
});
