import { describe, expect, it } from 'vitest';
import { rowsOf } from '../src/ui/rows';
import type { LineEvent } from '../src/engine/timeline';
import { ME, message, OTHER, ROOM } from './script';

const at = (day: number, minute: number) => new Date(2026, 10, day, 9, minute).toISOString();
// Two people in turns, a new day in the middle.
const messages = Array.from({ length: 40 }, (_, i) =>
  message(i + 2, { sender: i % 7 < 4 ? ME : OTHER, created_at: at(i < 20 ? 21 : 22, i) }),
);
const line = (seq: number, at_: string): LineEvent => ({
  room: ROOM, epoch: 1, seq, kind: 'member', actor: ME, at: at_, user: OTHER, role: 'admin',
});
const lines = [line(7.5, at(21, 6)), line(21.5, at(22, 0)), line(60, at(22, 59))];
const rows = (from: number) =>
  rowsOf({
    timeline: { messages: messages.slice(from), lines: lines.filter((l) => l.seq > from + 2), hasOlder: from > 0, hasNewer: false },
    pending: [],
    me: ME,
    readSeq: null,
  });

describe('the rows of a conversation', () => {
  it('do not change when older pages come, wherever the page began', () => {
    const all = rows(0);
    for (let from = 1; from < 39; ++from) {
      const some = rows(from);
      expect(all.slice(-some.length), `from ${from}`).toEqual(some);
    }
  });
  it('begin with the day, and show a message that is alone', () => {
    expect(rows(0).slice(0, 3).map((row) => row.kind)).toEqual(['start', 'day', 'message']);
    expect(rows(39).map((row) => row.kind)).toContain('message');
  });
  it('take lines up between the messages, and a line ends what one person said', () => {
    const all = rows(0);
    const place = all.findIndex((row) => row.kind === 'line');
    expect(all[place - 1]).toMatchObject({ kind: 'message', message: { seq: 7 }, last: true });
    expect(all[place + 1]).toMatchObject({ kind: 'message', message: { seq: 8 }, first: true });
    expect(all.map((row) => row.kind).filter((kind) => kind === 'day').length).toBe(2);
    expect(all[all.length - 1]).toMatchObject({ kind: 'line' });
  });
  it('of fifty thousand messages are made in a moment when one more comes', () => {
    const many = Array.from({ length: 50_000 }, (_, i) => message(i + 2, { sender: i % 3 ? ME : OTHER }));
    const make = (list: typeof many) =>
      rowsOf({ timeline: { messages: list, lines: [], hasOlder: false, hasNewer: false }, pending: [], me: ME, readSeq: null });
    make(many);
    const started = performance.now();
    expect(make([...many, message(60_000)]).length).toBe(50_003);
    expect(performance.now() - started).toBeLessThan(1500);
  });
});
