import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unreadOf } from '../src/engine/room_list';
import { Memory } from '../src/engine/storage';
import { AT, ME, OTHER, ROOM, said, Script } from './script';

let script: Script;
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

async function opened(storage = new Memory()): Promise<Script> {
  script = new Script(storage);
  await script.chat.start();
  await tick();
  script.welcome();
  script.chat.openRoom(ROOM);
  await tick();
  return script;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  script.chat.close();
  vi.useRealTimers();
});

describe('a room whose shard does not answer', () => {
  it('stays in the list as it was, and is asked for again', async () => {
    await opened();
    script.shardAway = true;
    script.socket.say({ op: 'ready', heads: {}, first: {} });
    await tick(500);
    expect(script.chat.state.get().rooms[ROOM]?.head.seq).toBe(3);
    expect(script.texts).toEqual(['m2', 'm3']);
    script.shardAway = false;
    script.store(said(4));
    await tick(5500);
    expect(script.chat.state.get().rooms[ROOM]?.last_message?.text).toBe('m4');
  });
});

describe('events of a room', () => {
  it('are applied in order, each once', async () => {
    await opened();
    script.tell(said(4));
    script.socket.say({ op: 'event', ...said(4) });
    script.socket.say({ op: 'event', ...said(2, { text: 'an old one' }) });
    script.tell(said(5));
    expect(script.texts).toEqual(['m2', 'm3', 'm4', 'm5']);
    expect(script.logCalls).toBe(0);
  });
  it('that come too early are held for a second', async () => {
    await opened();
    script.store(said(4));
    script.tell(said(5));
    await tick(900);
    expect(script.texts).toEqual(['m2', 'm3']);
    script.socket.say({ op: 'event', ...said(4) });
    expect(script.texts).toEqual(['m2', 'm3', 'm4', 'm5']);
    await tick(5000);
    expect(script.logCalls).toBe(0);
  });
  it('that are missing are fetched', async () => {
    await opened();
    script.store(said(4));
    script.tell(said(5));
    await tick(1000);
    expect(script.texts).toEqual(['m2', 'm3', 'm4', 'm5']);
    expect(script.logCalls).toBe(1);
  });
  it('that cannot be fetched now are fetched later', async () => {
    await opened();
    script.store(said(4));
    script.offline = true;
    script.tell(said(5));
    await tick(1000);
    script.offline = false;
    await tick(3000);
    expect(script.texts).toEqual(['m2', 'm3', 'm4', 'm5']);
  });
  it.each([
    ['lag', () => script.socket.say({ op: 'lag', room: ROOM, head: 5 })],
    ['heads', () => script.socket.say({ op: 'heads', rooms: { [ROOM]: [1, 5] } })],
  ])('are fetched after %s', async (_name, say) => {
    await opened();
    script.store(said(4));
    script.store(said(5));
    say();
    await tick();
    expect(script.texts).toEqual(['m2', 'm3', 'm4', 'm5']);
  });
  it('after limited: the screen is read anew and goes on behind it', async () => {
    await opened();
    for (let seq = 4; seq <= 900; ++seq) script.store(said(seq));
    script.socket.say({ op: 'limited', room: ROOM, from: 4, to: 900 });
    await tick();
    expect(script.texts.length).toBe(899);
    script.tell(said(901));
    expect(script.texts[script.texts.length - 1]).toBe('m901');
  });
  it('after reset: another epoch begins', async () => {
    await opened();
    script.epoch = 2;
    script.events = [{ ...said(2, { text: 'another history' }), epoch: 2 }];
    script.socket.say({ op: 'reset', room: ROOM, epoch: 2, first_seq: 1, head: 2 });
    await tick(500);
    script.socket.say({ op: 'event', ...said(9) });
    script.tell({ ...said(3), epoch: 2 });
    expect(script.chat.state.get().rooms[ROOM]?.head.epoch).toBe(2);
    expect(script.texts).toContain('m3');
    expect(script.texts).not.toContain('m9');
  });
  it('that come while the page they belong to is on its way are on it', async () => {
    script = new Script();
    script.historyMs = 500;
    await script.chat.start();
    await tick();
    script.welcome();
    script.chat.openRoom(ROOM);
    script.tell(said(4));
    script.tell({ room: ROOM, epoch: 1, seq: 5, kind: 'edited', actor: OTHER, at: AT, target: 2, text: 'better', version: 2 });
    await tick(500);
    expect(script.texts).toEqual(['better', 'm3', 'm4']);
    script.tell(said(6));
    expect(script.texts).toEqual(['better', 'm3', 'm4', 'm6']);
  });
  it('end with the membership', async () => {
    await opened();
    script.socket.say({ op: 'gone', room: ROOM });
    expect(script.chat.state.get().rooms[ROOM]).toBeUndefined();
    expect(script.notices).toEqual([{ kind: 'gone', title: '' }]);
  });
  it('fold: edits and deletions count only when they are newer', async () => {
    await opened();
    const edit = { room: ROOM, epoch: 1, kind: 'edited' as const, actor: OTHER, at: AT, target: 3 };
    script.tell({ ...edit, seq: 4, text: 'second', version: 3 });
    script.tell({ ...edit, seq: 5, text: 'first, late', version: 2 });
    script.tell({ ...edit, seq: 6, text: null, version: 4 });
    expect(script.texts).toEqual(['m2', 'second']);
    script.tell({ ...edit, seq: 7, kind: 'deleted', version: 5 });
    expect(script.texts).toEqual(['m2', null]);
  });
});

describe('unread', () => {
  it('is a subtraction: repeats do not count, own messages read', async () => {
    await opened();
    const unread = () => unreadOf(script.chat.state.get().rooms[ROOM]!);
    script.tell(said(4));
    script.socket.say({ op: 'event', ...said(4) });
    script.tell(said(5));
    expect(unread()).toBe(2);
    script.chat.markRead(ROOM, 4);
    expect(unread()).toBe(1);
    expect(script.socket.of('read')).toEqual([{ op: 'read', room: ROOM, seq: 4 }]);
    script.tell(said(6, { sender: ME }));
    expect(unread()).toBe(0);
    script.tell(said(7));
    script.socket.say({ op: 'read', room: ROOM, user: ME, seq: 7 });
    expect(unread()).toBe(0);
  });
});

describe('what was written', () => {
  const ack = (ref: string, seq: number) =>
    script.socket.say({ op: 'ack', ref, room: ROOM, seq, at: AT, ordinal: seq - 1, duplicate: false });
  const waiting = () => script.chat.state.get().pending[ROOM] ?? [];

  it('goes in order, one after the other', async () => {
    await opened();
    await script.chat.send(ROOM, 'one', null);
    await script.chat.send(ROOM, 'two', 3);
    expect(script.socket.of('send').map((frame) => frame.text)).toEqual(['one']);
    ack(script.socket.of('send')[0]!.ref, 4);
    expect(script.texts).toEqual(['m2', 'm3', 'one']);
    expect(script.socket.of('send')[1]).toMatchObject({ text: 'two', reply_to: 3 });
  });
  it('is sent again with the same cid when the answer was lost, and shown once', async () => {
    await opened();
    await script.chat.send(ROOM, 'once', null);
    const first = script.socket.of('send')[0]!;
    script.socket.break();
    await tick(1000);
    script.welcome();
    const again = script.socket.of('send')[0]!;
    expect(again.cid).toBe(first.cid);
    script.socket.say({ op: 'ack', ref: again.ref, room: ROOM, seq: 4, at: AT, ordinal: 3, duplicate: true });
    script.tell(said(4, { sender: ME, cid: first.cid, text: 'once' }));
    expect(script.texts).toEqual(['m2', 'm3', 'once']);
    expect(waiting()).toEqual([]);
  });
  it('is not sent again when the log already has it', async () => {
    await opened();
    await script.chat.send(ROOM, 'once', null);
    const { cid } = script.socket.of('send')[0]!;
    script.socket.break();
    await tick(1000);
    const event = said(4, { sender: ME, cid, text: 'once' });
    script.store(event);
    script.welcome([{ op: 'event', ...event }]);
    expect(script.socket.of('send')).toEqual([]);
    expect(waiting()).toEqual([]);
    expect(script.texts).toEqual(['m2', 'm3', 'once']);
  });
  it('survives the page', async () => {
    const storage = new Memory();
    await opened(storage);
    script.socket.break();
    await script.chat.send(ROOM, 'written without a line', null);
    await script.chat.keepDraft(ROOM, 'half a sen');
    script.chat.close();
    await opened(storage);
    expect(script.socket.of('send').map((frame) => frame.text)).toEqual(['written without a line']);
    expect(script.chat.state.get().drafts[ROOM]).toBe('half a sen');
  });
  it('waits when there is too much, and fails only for good reasons', async () => {
    await opened();
    await script.chat.send(ROOM, 'patience', null);
    const { ref } = script.socket.of('send')[0]!;
    script.socket.say({ op: 'error', ref, code: 'rate_limited', title: '', retry_after: 4 });
    await tick(3900);
    expect(script.socket.of('send').length).toBe(1);
    await tick(200);
    expect(script.socket.of('send').length).toBe(2);
    script.socket.say({ op: 'error', ref, code: 'forbidden', title: '' });
    expect(waiting()[0]).toMatchObject({ state: 'failed', code: 'forbidden' });
    await script.chat.retry(waiting()[0]!.cid);
    expect(script.socket.of('send').length).toBe(3);
    await script.chat.discard(waiting()[0]!.cid);
    expect(waiting()).toEqual([]);
  });
  it('goes over a new line when the old one does not answer', async () => {
    await opened();
    await script.chat.send(ROOM, 'hello?', null);
    await tick(15_000);
    expect(script.sockets[0]!.closed).toBe(true);
    await tick(1000);
    expect(script.sockets.length).toBe(2);
    script.welcome();
    expect(script.socket.of('send').map((frame) => frame.text)).toEqual(['hello?']);
  });
});

describe('the line', () => {
  it('is opened again, later each time, with what we have', async () => {
    await opened();
    script.tell(said(4));
    const pauses = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
    for (const [i, pause] of pauses.entries()) {
      script.socket.break();
      await tick(pause - 1);
      expect(script.sockets.length).toBe(i + 1);
      await tick(1);
      expect(script.sockets.length).toBe(i + 2);
    }
    script.welcome();
    expect(script.socket.of('hello')[0]!.rooms).toEqual([{ room: ROOM, epoch: 1, seq: 4 }]);
  });
  it('that breaks before anything happened says exactly what the list gave', async () => {
    await opened();
    script.socket.break();
    await tick(1000);
    script.welcome();
    expect(script.socket.of('hello')[0]!.rooms).toEqual([{ room: ROOM, epoch: 1, seq: 3 }]);
  });
  it('that is silent is asked, and given up', async () => {
    await opened();
    await tick(27_000);
    expect(script.socket.of('ping').length).toBe(1);
    script.socket.say({ op: 'pong', ref: 'p1' });
    await tick(60_000);
    expect(script.sockets[0]!.closed).toBe(true);
  });
  it('is asked at once when the device has slept', async () => {
    await opened();
    vi.setSystemTime(Date.now() + 3_600_000);
    await tick(1000);
    expect(script.socket.of('ping').length).toBe(1);
  });
  it('is asked, too, when the clock jumps back', async () => {
    await opened();
    vi.setSystemTime(Date.now() - 3_600_000);
    await tick(1000);
    expect(script.socket.of('ping').length).toBe(1);
  });
  it('goes to another node when it is told to', async () => {
    await opened();
    script.socket.say({ op: 'reconnect', after_ms: 700 });
    expect(script.sockets[0]!.closed).toBe(true);
    await tick(700);
    expect(script.sockets.length).toBe(2);
  });
  it('ends with the session', async () => {
    await opened();
    script.socket.break(4003);
    expect(script.ended).toBe(1);
    await tick(60_000);
    expect(script.sockets.length).toBe(1);
  });
});
