// People talk: sign up, rooms, messages between two and three, tabs, edits, reactions, search.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, bubbles, field, PASSWORD, Person, sees, serveAndBrowse, server, until, watch, write } from './support.mjs';

serveAndBrowse();

test('somebody new signs up, finds a friend and says hello', async () => {
  const friend = await Person.make(server, '박영호');
  const context = await browser.newContext({ locale: 'ko-KR', viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  watch(page);
  await page.goto(server.url);
  await page.getByRole('button', { name: '처음이에요 · 가입하기' }).click();
  await page.getByLabel('아이디').fill('newcomer');
  await page.getByLabel('이름').fill('이순자');
  await page.getByLabel('비밀번호', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: '가입하고 시작하기' }).click();
  await page.getByText('아직 대화방이 없어요.').waitFor();
  await page.getByRole('link', { name: '새 대화' }).click();
  await page.getByLabel('이름이나 아이디로 사람 찾기').fill('ㅂㅇㅎ');
  await page.getByRole('button', { name: /박영호/ }).first().click();
  await page.getByRole('button', { name: '대화 시작' }).click();
  await write(page, '안녕하세요, 오랜만이에요!');
  await sees(page, '안녕하세요, 오랜만이에요!');
  // One's own bubble is there before the server has it.
  const listed = async () => (await friend.ask('GET', '/v1/rooms')).items[0];
  const entry = await until(async () => ((await listed())?.unread === 1 ? listed() : null));
  assert.equal(entry.last_message.text, '안녕하세요, 오랜만이에요!');
  await context.close();
});

test('a wrong password says so and keeps what was typed', async () => {
  const person = await Person.make(server, '김민지');
  const page = await (await browser.newContext({ locale: 'ko-KR' })).newPage();
  await page.goto(server.url);
  await page.getByLabel('아이디').fill(person.handle);
  await page.getByLabel('비밀번호', { exact: true }).fill('not-the-password');
  await page.getByRole('button', { name: '로그인', exact: true }).click();
  await page.getByText('아이디나 비밀번호가 맞지 않아요.').waitFor();
  assert.equal(await page.getByLabel('아이디').inputValue(), person.handle);
  await page.context().close();
});

test('three people see the same, live, with names, typing, receipts and reactions', async () => {
  const [minji, youngho, sunja] = await Promise.all(
    ['김민지', '박영호', '이순자'].map((name) => Person.make(server, name)),
  );
  const room = await minji.group('둘레길 모임', youngho, sunja);
  const pages = await Promise.all([minji, youngho, sunja].map((p) => p.open(browser, `/rooms/${room}`)));
  const [one, two, three] = pages;
  await Promise.all(pages.map((page) => field(page).waitFor()));
  await field(two).pressSequentially('토요일');
  await one.getByText('박영호 님이 쓰고 있어요').waitFor();
  await write(two, '토요일에 만나요');
  await Promise.all(pages.map((page) => sees(page, '토요일에 만나요')));
  await one.getByText('박영호', { exact: true }).first().waitFor();

  await two.bringToFront();
  await two.getByText(/명 읽음/).waitFor();

  await one.getByRole('button', { name: '박영호 님의 메시지 메뉴' }).click();
  await one.getByRole('button', { name: '👍' }).click();
  await three.getByRole('button', { name: '공감 👍 1' }).waitFor();
  await three.getByRole('button', { name: '공감 👍 1' }).click();
  await two.getByRole('button', { name: '공감 👍 2' }).waitFor();

  await one.getByRole('button', { name: '박영호 님의 메시지 메뉴' }).click();
  await one.getByRole('button', { name: '답장' }).click();
  await write(one, '네, 좋아요');
  await two.locator('.quote', { hasText: '토요일에 만나요' }).waitFor();

  await two.getByRole('button', { name: '내 메시지 메뉴' }).click();
  await two.getByRole('button', { name: '고치기' }).click();
  await field(two).fill('일요일에 만나요');
  await two.getByRole('button', { name: '저장하기' }).click();
  await Promise.all(pages.map((page) => sees(page, '일요일에 만나요')));
  await three.getByText('고침').waitFor();

  await two.getByRole('button', { name: '내 메시지 메뉴' }).click();
  await two.getByRole('button', { name: '지우기', exact: true }).click();
  await two.getByRole('button', { name: '되돌리기' }).click();
  await sees(two, '일요일에 만나요');
  await two.getByRole('button', { name: '내 메시지 메뉴' }).click();
  await two.getByRole('button', { name: '지우기', exact: true }).click();
  await sees(one, '지운 메시지예요');
  await sees(three, '지운 메시지예요');
  await Promise.all(pages.map((page) => page.context().close()));
});

test('two tabs are one reader: both see everything, either may write, one may go', async () => {
  const [minji, youngho] = await Promise.all(['김민지', '박영호'].map((n) => Person.make(server, n)));
  const room = await minji.direct(youngho);
  const first = await minji.open(browser, `/rooms/${room}`);
  await field(first).waitFor();
  const second = await first.context().newPage();
  watch(second);
  await second.goto(`${server.url}/rooms/${room}`);
  await field(second).waitFor();
  await write(second, '둘째 창에서');
  await sees(first, '둘째 창에서');
  await write(first, '첫째 창에서');
  await sees(second, '첫째 창에서');
  await first.close();
  await youngho.send(room, '아직 들리나요?');
  await sees(second, '아직 들리나요?');
  await write(second, '네, 들려요');
  await until(async () => (await youngho.texts(room)).length === 4);
  assert.deepEqual(await youngho.texts(room), ['둘째 창에서', '첫째 창에서', '아직 들리나요?', '네, 들려요']);
  await second.context().close();
});

test('search marks what was found and leads into the conversation', async () => {
  const [minji, youngho] = await Promise.all(['김민지', '박영호'].map((n) => Person.make(server, n)));
  const room = await minji.group('사진 교실', youngho);
  await minji.send(room, '온라인커뮤니티에서 만나요');
  for (let i = 0; i < 120; ++i) await youngho.send(room, `사진 ${i}`);
  await minji.finds('커뮤니티', 1);
  const page = await minji.open(browser, '/search');
  await page.getByLabel('찾을 말').fill('커뮤니티');
  await page.locator('.hit mark', { hasText: '커뮤니티' }).click();
  await page.locator('.marked .text', { hasText: '온라인커뮤니티에서 만나요' }).waitFor();
  assert.ok(!(await bubbles(page)).includes('사진 119'));
  await page.getByRole('button', { name: '맨 아래로' }).click();
  await sees(page, '사진 119');
  await page.context().close();
});

test('a device that is logged out elsewhere says so', async () => {
  const minji = await Person.make(server, '김민지');
  const page = await minji.open(browser, '/');
  await page.getByText('아직 대화방이 없어요.').waitFor();
  await minji.ask('DELETE', '/v1/sessions/current');
  await page.getByText('이 기기의 로그인이 끝났어요.').waitFor();
  await page.context().close();
});
