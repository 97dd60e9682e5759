import type { Message } from '../api/types';
import type { OutboxItem } from '../engine/storage';
import type { Timeline } from '../engine/timeline';
import { sameDay } from '../i18n/times';

/** One line of a conversation. */
export type Row =
  | { kind: 'start'; key: string }
  | { kind: 'day'; key: string; at: string }
  | { kind: 'unread'; key: string }
  | { kind: 'message'; key: string; message: Message; first: boolean; last: boolean }
  | { kind: 'pending'; key: string; item: OutboxItem };

/** Consecutive messages of one person this close belong together. */
const kGroupMs = 3 * 60_000;

function together(left: Message | undefined, right: Message | undefined): boolean {
  if (!left || !right || left.sender !== right.sender) return false;
  const [before, after] = [new Date(left.created_at), new Date(right.created_at)];
  return after.getTime() - before.getTime() < kGroupMs && sameDay(before, after);
}

/** A message keeps its key when it turns from unsent into stored, so that nothing moves. */
const keyOf = (message: Message, me: string) =>
  message.sender === me ? `c${message.cid.toLowerCase()}` : `s${message.seq}`;

export interface RowsOf {
  timeline: Timeline;
  pending: readonly OutboxItem[];
  me: string;
  /** The last message read before; the divider follows it. Nothing: no divider. */
  readSeq: number | null;
}

export function rowsOf({ timeline, pending, me, readSeq }: RowsOf): Row[] {
  const { messages, hasOlder, hasNewer } = timeline;
  const rows: Row[] = [];
  const stored = new Set<string>();
  if (!hasOlder) rows.push({ kind: 'start', key: 'start' });
  let divided = readSeq === null;
  // Whether a day or a person begins with the oldest message, only an older one tells. It waits for
  // that: a heading that comes or goes above somebody's eyes would move what he reads.
  const from = hasOlder && messages.length > 1 ? 1 : 0;
  messages.forEach((message, i) => {
    if (message.sender === me) stored.add(message.cid.toLowerCase());
    if (i < from) return;
    const before = messages[i - 1];
    const day = new Date(message.created_at);
    const newDay = !before || !sameDay(new Date(before.created_at), day);
    if (newDay) rows.push({ kind: 'day', key: `d${day.toDateString()}`, at: message.created_at });
    let split = newDay;
    if (!divided && readSeq !== null && message.seq > readSeq && message.sender !== me) {
      divided = true;
      split = true;
      if (before || readSeq > 0) rows.push({ kind: 'unread', key: 'unread' });
    }
    const key = keyOf(message, me);
    const first = split || !together(before, message);
    const last = !together(message, messages[i + 1]);
    rows.push({ kind: 'message', key, message, first, last });
  });
  if (hasNewer) return rows;
  for (const item of pending) {
    if (!stored.has(item.cid)) rows.push({ kind: 'pending', key: `c${item.cid}`, item });
  }
  return rows;
}
