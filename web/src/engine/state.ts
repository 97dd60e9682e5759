import type { Id, Member, OwnUser, User } from '../api/types';
import type { ConnectionState } from './connection';
import type { RoomEntry } from './room_list';
import type { OutboxItem } from './storage';
import type { Timeline } from './timeline';

export type Loading = 'loading' | 'ready' | 'failed';

/** Everything the screens show. Parts that did not change keep their identity. */
export interface ChatState {
  me: OwnUser;
  line: ConnectionState;
  list: Loading;
  rooms: Readonly<Record<Id, RoomEntry>>;
  timelines: Readonly<Record<Id, Timeline>>;
  /** Timelines that could not be read. */
  broken: Readonly<Record<Id, true>>;
  pending: Readonly<Record<Id, OutboxItem[]>>;
  /** `room:seq` of messages about to be deleted: hidden, and still to be had back. */
  leaving: Readonly<Record<string, true>>;
  people: Readonly<Record<Id, User>>;
  members: Readonly<Record<Id, Member[]>>;
  /** How far others have read, by room and user. */
  reads: Readonly<Record<Id, Readonly<Record<Id, number>>>>;
  /** Who is writing, by room: since when (ms). */
  typing: Readonly<Record<Id, Readonly<Record<Id, number>>>>;
  online: Readonly<Record<Id, boolean>>;
  drafts: Readonly<Record<Id, string>>;
}

/** Something a reader should be told once. */
export type Notice =
  | { kind: 'gone'; title: string }
  | { kind: 'refused'; code: string }
  | { kind: 'message'; room: Id; sender: Id; text: string };

export function initialState(me: OwnUser): ChatState {
  return {
    me,
    line: 'connecting',
    list: 'loading',
    rooms: {},
    timelines: {},
    broken: {},
    pending: {},
    leaving: {},
    people: { [me.id]: me },
    members: {},
    reads: {},
    typing: {},
    online: {},
    drafts: {},
  };
}

export const leavingKey = (room: Id, seq: number) => `${room}:${seq}`;

export function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const { [key]: _gone, ...rest } = record;
  return rest;
}
