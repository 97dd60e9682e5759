import { describe, expect, it } from 'vitest';
import { rowsOf } from '../src/ui/rows';
import { ME, message, OTHER } from './script';

const at = (day: number, minute: number) => new Date(2026, 10, day, 9, minute).toISOString();
// Two people in turns, a new day in the middle.
const messages = Array.from({ length: 40 }, (_, i) =>
  message(i + 2, { sender: i % 7 < 4 ? ME : OTHER, created_at: at(i < 20 ? 21 : 22, i) }),
);
const rows = (from: number) =>
  rowsOf({
    timeline: { messages: messages.slice(from), hasOlder: from > 0, hasNewer: false },
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
});
