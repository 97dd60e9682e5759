import type { History, Message, RoomEvent } from '../api/types';

/** An event that a reader sees as a line of its own. */
export type LineEvent = Extract<RoomEvent, { kind: 'member' | 'room' }>;

export function isLine(event: RoomEvent): event is LineEvent {
  return event.kind === 'member' || event.kind === 'room';
}

/**
 * A stretch of a room's history without holes, by ascending seq. `hasNewer`: it does not reach the
 * end, so that new messages are not part of it yet.
 */
export interface Timeline {
  messages: Message[];
  /** What happened between them: who came, went, was given a role; another title. */
  lines: LineEvent[];
  hasOlder: boolean;
  hasNewer: boolean;
}

/** The most that is kept while somebody reads on and on. */
export const kMostMessages = 50_000;

/** The place of the first message with at least that seq. */
export function placeOf(messages: readonly { seq: number }[], seq: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function find(messages: readonly Message[], seq: number): Message | undefined {
  const message = messages[placeOf(messages, seq)];
  return message?.seq === seq ? message : undefined;
}

/** The newer of two states of one message. */
function newer(known: Message, other: Message): Message {
  return other.version >= known.version ? other : known;
}

/** Adds messages wherever they belong; of two states of one message the newer stays. */
export function merge(known: readonly Message[], more: readonly Message[]): Message[] {
  const first = more[0];
  if (!first) return known.slice();
  const last = known[known.length - 1];
  if (!last || first.seq > last.seq) return [...known, ...more];
  if (more[more.length - 1]!.seq < known[0]!.seq) return [...more, ...known];
  const all = new Map(known.map((message) => [message.seq, message]));
  for (const message of more) {
    const old = all.get(message.seq);
    all.set(message.seq, old ? newer(old, message) : message);
  }
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}

/** A page of history, with the lines that belong to it. */
export interface LinedPage extends History {
  lines: LineEvent[];
}

export function fromPage(page: LinedPage): Timeline {
  const { messages, lines } = page;
  return { messages, lines, hasOlder: page.has_older, hasNewer: page.has_newer };
}

/** Each line once, by seq. */
export function mergeLines(known: readonly LineEvent[], more: readonly LineEvent[]): LineEvent[] {
  if (more.length === 0) return known as LineEvent[];
  const all = new Map([...known, ...more].map((line) => [line.seq, line]));
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}

export function addOlder(timeline: Timeline, page: LinedPage): Timeline {
  const messages = merge(timeline.messages, page.messages);
  const lines = mergeLines(timeline.lines, page.lines);
  const whole = { ...timeline, messages, lines, hasOlder: page.has_older };
  if (messages.length <= kMostMessages) return whole;
  // He reads on and on upwards: the end is given up, and read anew when he goes there.
  const kept = messages.slice(0, kMostMessages);
  const end = kept[kept.length - 1]!.seq;
  return { ...whole, messages: kept, lines: lines.filter((l) => l.seq < end), hasNewer: true };
}

export function addNewer(timeline: Timeline, page: LinedPage): Timeline {
  const messages = merge(timeline.messages, page.messages);
  const lines = mergeLines(timeline.lines, page.lines);
  return withoutOldest({ ...timeline, messages, lines, hasNewer: page.has_newer });
}

function withoutOldest(timeline: Timeline): Timeline {
  const { messages, lines } = timeline;
  if (messages.length <= kMostMessages) return timeline;
  const kept = messages.slice(-kMostMessages);
  return { messages: kept, lines: lines.filter((l) => l.seq > kept[0]!.seq), hasOlder: true, hasNewer: timeline.hasNewer };
}

function changed(timeline: Timeline, seq: number, change: (m: Message) => Message): Timeline {
  const place = placeOf(timeline.messages, seq);
  const message = timeline.messages[place];
  if (message?.seq !== seq) return timeline;
  const next = change(message);
  if (next === message) return timeline;
  const messages = timeline.messages.slice();
  messages[place] = next;
  return { ...timeline, messages };
}

export function withReaction(
  message: Message,
  emoji: string,
  user: string,
  on: boolean,
): Message {
  const others = (message.reactions[emoji] ?? []).filter((id) => id !== user);
  const users = on ? [...others, user] : others;
  const reactions = { ...message.reactions };
  if (users.length > 0) reactions[emoji] = users;
  else delete reactions[emoji];
  return { ...message, reactions };
}

/** The fold rule: edits and deletions count only when they are newer than the message. */
export function foldInto(message: Message, event: RoomEvent): Message {
  switch (event.kind) {
    case 'edited':
      if (event.version <= message.version || message.deleted) return message;
      // An edit without its text was overtaken by another one that follows.
      if (event.text === null) return message;
      return { ...message, text: event.text, version: event.version, edited_at: event.at };
    case 'deleted':
      if (event.version <= message.version) return message;
      return { ...message, text: null, deleted: true, version: event.version, reactions: {} };
    case 'reaction':
      return message.deleted ? message : withReaction(message, event.emoji, event.actor, event.on);
    default:
      return message;
  }
}

/** A room's timeline after one more event of its log. */
export function apply(timeline: Timeline, event: RoomEvent): Timeline {
  if (event.kind === 'message') {
    if (timeline.hasNewer) return timeline;
    return withoutOldest({ ...timeline, messages: merge(timeline.messages, [event.message]) });
  }
  if (isLine(event)) {
    if (timeline.hasNewer) return timeline;
    return { ...timeline, lines: mergeLines(timeline.lines, [event]) };
  }
  if (event.kind === 'edited' || event.kind === 'deleted' || event.kind === 'reaction') {
    return changed(timeline, event.target, (message) => foldInto(message, event));
  }
  return timeline;
}
