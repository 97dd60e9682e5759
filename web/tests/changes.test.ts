import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AT, ME, message, ROOM, Script } from './script';

let script: Script;
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

beforeEach(async () => {
  vi.useFakeTimers();
  script = new Script();
  await script.chat.start();
  await tick();
  script.welcome();
  script.chat.openRoom(ROOM);
  await tick();
});
afterEach(() => {
  script.chat.close();
  vi.useRealTimers();
});

const reactions = (seq: number) =>
  script.chat.state.get().timelines[ROOM]!.messages.find((m) => m.seq === seq)!.reactions;

it('a message that was deleted by mistake can be had back', async () => {
  script.chat.changes.deleteSoon(ROOM, 3);
  expect(script.chat.state.get().leaving).toEqual({ [`${ROOM}:3`]: true });
  await tick(5000);
  script.chat.changes.undelete(ROOM, 3);
  await tick(5000);
  expect(script.chat.state.get().leaving).toEqual({});
  expect(message(3).text).toBe('m3');
});

it('a reaction shows at once, and is taken back when it is refused', () => {
  expect(script.chat.changes.react(ROOM, 3, '👍', true)).toBe(true);
  expect(reactions(3)).toEqual({ '👍': [ME] });
  const { ref } = script.socket.of('react')[0]!;
  script.socket.say({ op: 'error', ref, code: 'forbidden', title: '' });
  expect(reactions(3)).toEqual({});
  expect(script.notices).toEqual([{ kind: 'refused', code: 'forbidden' }]);
});

it('an edit that was not answered is asked for again on the next line, an answered one is not', async () => {
  script.chat.changes.edit(ROOM, 3, 'better');
  script.chat.changes.edit(ROOM, 2, 'fine');
  const [first, second] = script.socket.of('edit');
  script.socket.say({ op: 'ack', ref: second!.ref, room: ROOM, seq: 4, at: AT, version: 2 });
  script.socket.break();
  await tick(1000);
  script.welcome();
  expect(script.socket.of('edit')).toEqual([first]);
});

it('nothing is promised without a line', () => {
  script.socket.break();
  expect(script.chat.changes.edit(ROOM, 3, 'better')).toBe(false);
  expect(script.chat.changes.react(ROOM, 3, '👍', true)).toBe(false);
  expect(reactions(3)).toEqual({});
});
