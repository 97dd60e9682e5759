import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { History, RoomEvent } from '../src/api/types';
import { entryOf } from '../src/engine/room_list';
import { gapOf, stretchOf } from '../src/engine/lines';
import { addNewer, addOlder, kMostMessages, type Timeline } from '../src/engine/timeline';
import { AT, ME, message, OTHER, ROOM, said, Script } from './script';

let script: Script;
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const timeline = () => script.chat.state.get().timelines[ROOM];

async function opening(historyMs: number): Promise<void> {
  script = new Script();
  script.historyMs = historyMs;
  await script.chat.start();
  await tick();
  script.welcome();
  script.chat.openRoom(ROOM);
}

const joined = (seq: number): RoomEvent => ({
  room: ROOM, epoch: 1, seq, kind: 'member', actor: ME, at: AT, user: OTHER, role: 'member',
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  script?.chat.close();
  vi.useRealTimers();
});

describe('a page that is on its way', () => {
  const more = (from: number, count: number) => {
    for (let seq = from; seq < from + count; ++seq) script.tell(said(seq));
  };
  it('is asked for again when more happens meanwhile than is kept', async () => {
    await opening(500);
    more(4, 600);
    await tick(500);
    expect(timeline()).toBeUndefined();
    expect(script.historyCalls).toBe(2);
    await tick(500);
    expect(script.texts.length).toBe(602);
  });
  it('is given up when that goes on, and can be wished for again', async () => {
    await opening(500);
    for (let i = 0; i < 3; ++i) {
      more(4 + i * 600, 600);
      await tick(500);
    }
    expect(script.historyCalls).toBe(3);
    expect(script.chat.state.get().broken[ROOM]).toBe(true);
    script.chat.openRoom(ROOM);
    await tick(500);
    expect(script.texts.length).toBe(1802);
    expect(script.chat.state.get().broken[ROOM]).toBeUndefined();
  });
});

describe('who came and went', () => {
  it('is asked of the log where a page of a group has gaps', async () => {
    script = new Script();
    script.kind = 'group';
    script.events = [said(2), said(3), joined(4), said(5)];
    await script.chat.start();
    await tick();
    script.welcome();
    script.chat.openRoom(ROOM);
    await tick();
    expect(timeline()?.lines.map((line) => line.seq)).toEqual([4]);
    expect(script.logCalls).toBe(1);
    script.tell(joined(6));
    script.socket.say({ op: 'event', ...joined(6) });
    expect(timeline()?.lines.map((line) => line.seq)).toEqual([4, 6]);
  });
  it('is not asked for where there are none, or for two', async () => {
    await opening(0);
    await tick();
    expect(script.logCalls).toBe(0);
  });
  it('has its place between the pages', () => {
    const page = (seqs: number[], older: boolean, newer: boolean): History => ({
      messages: seqs.map((seq) => message(seq)), has_older: older, has_newer: newer,
    });
    const entry = { ...entryOf(Script.entry('group', 1, 90, null)), first_seq: 1 };
    expect(stretchOf(entry, {}, page([80, 82], true, false))).toEqual([80, 90]);
    expect(stretchOf(entry, { before: 80 }, page([60, 70], true, true))).toEqual([60, 79]);
    expect(stretchOf(entry, { before: 60 }, page([5], false, true))).toEqual([1, 59]);
    expect(stretchOf(entry, { after: 82 }, page([84, 90], true, false))).toEqual([83, 90]);
    expect(stretchOf(entry, {}, page([], false, false))).toEqual([1, 90]);
    expect(gapOf([80, 84], page([80, 81, 84], true, false))).toEqual([82, 83]);
    expect(gapOf([80, 81], page([80, 81], true, false))).toBeUndefined();
  });
});

it('a reader who goes on and on keeps at most fifty thousand messages', () => {
  const some = (from: number, count: number) => Array.from({ length: count }, (_, i) => message(from + i));
  const full: Timeline = { messages: some(1001, kMostMessages), lines: [], hasOlder: true, hasNewer: false };
  const up = addOlder(full, { messages: some(901, 100), lines: [], has_older: true, has_newer: true });
  expect([up.messages.length, up.messages[0]!.seq, up.hasNewer]).toEqual([kMostMessages, 901, true]);
  const down = addNewer(up, { messages: some(50_901, 100), lines: [], has_older: true, has_newer: false });
  expect([down.messages.length, down.messages[0]!.seq, down.hasOlder]).toEqual([kMostMessages, 1001, true]);
});
