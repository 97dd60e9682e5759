import type { Message } from '../api/types';
import type { OutboxItem } from '../engine/storage';
import type { LineEvent, Timeline } from '../engine/timeline';

/** One line of a conversation. */
export type Row =
  | { kind: 'start'; key: string }
  | { kind: 'day'; key: string; at: string }
  | { kind: 'unread'; key: string }
  | { kind: 'message'; key: string; message: Message; first: boolean; last: boolean }
  | { kind: 'line'; key: string; event: LineEvent }
  | { kind: 'pending'; key: string; item: OutboxItem };

/** Consecutive messages of one person this close belong together. */
const kGroupMs = 3 * 60_000;

/** What of an item never changes and takes a while to find out: fifty thousand may be asked at once. */
interface Placed {
  ms: number;
  /** The reader's day, as a number. */
  day: number;
  key: string;
}
const placed = new WeakMap<object, Placed>();

function placeOf(item: Item, me: string): Placed {
  let known = placed.get(item);
  if (!known) {
    const time = new Date(timeOf(item));
    const day = time.getFullYear() * 10_000 + time.getMonth() * 100 + time.getDate();
    known = { ms: time.getTime(), day, key: keyOf(item, me) };
    placed.set(item, known);
  }
  return known;
}

type Item = Message | LineEvent;
const isMessage = (item: Item | undefined): item is Message => item !== undefined && 'cid' in item;
const timeOf = (item: Item) => (isMessage(item) ? item.created_at : item.at);

/** By seq; both are in order already. */
function inOrder({ messages, lines }: Timeline): Item[] {
  if (lines.length === 0) return messages;
  const items: Item[] = [];
  let next = 0;
  for (const message of messages) {
    while (next < lines.length && lines[next]!.seq < message.seq) items.push(lines[next++]!);
    items.push(message);
  }
  return [...items, ...lines.slice(next)];
}

function together(left: Item | undefined, right: Item | undefined, me: string): boolean {
  if (!isMessage(left) || !isMessage(right) || left.sender !== right.sender) return false;
  const [before, after] = [placeOf(left, me), placeOf(right, me)];
  return after.ms - before.ms < kGroupMs && before.day === after.day;
}

/** A message keeps its key when it turns from unsent into stored, so that nothing moves. */
function keyOf(item: Item, me: string): string {
  if (!isMessage(item)) return `l${item.seq}`;
  return item.sender === me ? `c${item.cid.toLowerCase()}` : `s${item.seq}`;
}

export interface RowsOf {
  timeline: Timeline;
  pending: readonly OutboxItem[];
  me: string;
  /** The last message read before; the divider follows it. Nothing: no divider. */
  readSeq: number | null;
}

export function rowsOf({ timeline, pending, me, readSeq }: RowsOf): Row[] {
  const { hasOlder, hasNewer } = timeline;
  const items = inOrder(timeline);
  const rows: Row[] = [];
  if (!hasOlder) rows.push({ kind: 'start', key: 'start' });
  let divided = readSeq === null;
  // Whether a day or a person begins with the oldest message, only an older one tells. It waits for
  // that: a heading that comes or goes above somebody's eyes would move what he reads.
  const from = hasOlder && timeline.messages.length > 1 ? 1 : 0;
  for (let i = from; i < items.length; ++i) {
    const item = items[i]!;
    const before = items[i - 1];
    const { day, key } = placeOf(item, me);
    const newDay = !before || placeOf(before, me).day !== day;
    if (newDay) rows.push({ kind: 'day', key: `d${day}`, at: timeOf(item) });
    if (!isMessage(item)) {
      rows.push({ kind: 'line', key, event: item });
      continue;
    }
    let split = newDay;
    if (!divided && readSeq !== null && item.seq > readSeq && item.sender !== me) {
      divided = true;
      split = true;
      if (before) rows.push({ kind: 'unread', key: 'unread' });
    }
    const first = split || !together(before, item, me);
    const last = !together(item, items[i + 1], me);
    rows.push({ kind: 'message', key, message: item, first, last });
  }
  return hasNewer ? rows : [...rows, ...unsent(timeline, pending)];
}

/** What waits, unless it is stored already. */
function unsent({ messages }: Timeline, pending: readonly OutboxItem[]): Row[] {
  if (pending.length === 0) return [];
  const stored = new Set(messages.map((message) => message.cid.toLowerCase()));
  const waiting = pending.filter((item) => !stored.has(item.cid));
  return waiting.map((item) => ({ kind: 'pending', key: `c${item.cid}`, item }));
}
