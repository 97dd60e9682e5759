import type { Id, RoomEvent, RoomListEntry } from '../api/types';
import { foldInto } from './timeline';

/** A room of the list. Unread is a subtraction, as on the server: nothing can be counted twice. */
export interface RoomEntry extends RoomListEntry {
  /** How many messages lie behind the reader. */
  readOrdinal: number;
}

export function entryOf(item: RoomListEntry): RoomEntry {
  return { ...item, readOrdinal: item.head.ordinal - item.unread };
}

export function unreadOf(entry: RoomEntry): number {
  return Math.max(0, entry.head.ordinal - entry.readOrdinal);
}

/** What was read of the server beats what we have, unless we have seen more since. */
export function refreshed(known: RoomEntry | undefined, item: RoomListEntry): RoomEntry {
  const fresh = entryOf(item);
  if (!known || item.head.epoch !== known.head.epoch) return fresh;
  const ours = known.head.seq > item.head.seq;
  return {
    ...fresh,
    head: ours ? known.head : fresh.head,
    last_message: ours ? known.last_message : fresh.last_message,
    read_seq: Math.max(known.read_seq, fresh.read_seq),
    readOrdinal: Math.max(known.readOrdinal, fresh.readOrdinal),
  };
}

/** The entry after one more event of the room's log. */
export function applyToEntry(entry: RoomEntry, event: RoomEvent, me: Id): RoomEntry {
  const head = { ...entry.head, epoch: event.epoch, seq: Math.max(entry.head.seq, event.seq) };
  switch (event.kind) {
    case 'message': {
      const { message } = event;
      if (entry.last_message && entry.last_message.seq > message.seq) return { ...entry, head };
      head.ordinal = Math.max(head.ordinal, message.ordinal);
      const next = { ...entry, head, last_message: message };
      return message.sender === me ? readUpTo(next, message.seq, message.ordinal) : next;
    }
    case 'room':
      return { ...entry, head, room: { ...entry.room, title: event.title } };
    case 'member':
      if (event.user !== me || event.role === null) return { ...entry, head };
      return { ...entry, head, room: { ...entry.room, role: event.role } };
    case 'edited':
    case 'deleted':
      if (entry.last_message?.seq !== event.target) return { ...entry, head };
      return { ...entry, head, last_message: foldInto(entry.last_message, event) };
    default:
      return { ...entry, head };
  }
}

export function readUpTo(entry: RoomEntry, seq: number, ordinal: number): RoomEntry {
  if (seq <= entry.read_seq && ordinal <= entry.readOrdinal) return entry;
  return {
    ...entry,
    read_seq: Math.max(entry.read_seq, seq),
    readOrdinal: Math.max(entry.readOrdinal, ordinal),
  };
}

/** Pinned ones first, then the latest activity. */
export function sortEntries(entries: RoomEntry[]): RoomEntry[] {
  const timeOf = (entry: RoomEntry) => entry.last_message?.created_at ?? entry.room.created_at;
  return entries.sort((a, b) => {
    if (a.pinned !== b.pinned) return a.pinned ? -1 : 1;
    const [left, right] = [timeOf(a), timeOf(b)];
    if (left === right) return a.room.id < b.room.id ? 1 : -1;
    return left < right ? 1 : -1;
  });
}
