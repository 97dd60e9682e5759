/** The frames of docs/asyncapi.json that this client speaks. */
import type { ErrorCode, Id, RoomEvent } from '../api/types';

export interface Cursor {
  room: Id;
  epoch: number;
  seq: number;
}

export type Heads = Record<Id, [epoch: number, seq: number]>;

export type ClientFrame =
  | { op: 'hello'; rooms?: Cursor[] }
  | { op: 'send'; ref: string; room: Id; cid: string; text: string; reply_to?: number }
  | { op: 'edit'; ref: string; room: Id; seq: number; text: string }
  | { op: 'delete'; ref: string; room: Id; seq: number }
  | { op: 'react'; ref: string; room: Id; seq: number; emoji: string; on: boolean }
  | { op: 'read'; room: Id; seq: number }
  | { op: 'typing'; room: Id }
  | { op: 'presence'; rooms: Id[] }
  | { op: 'ping'; ref: string };

export interface Ack {
  op: 'ack';
  ref: string;
  room: Id;
  seq: number;
  at: string;
  ordinal?: number;
  duplicate?: boolean;
  version?: number;
}

export interface Refusal {
  op: 'error';
  ref?: string;
  code: ErrorCode;
  title: string;
  retry_after?: number;
}

export type ServerFrame =
  | { op: 'welcome'; session: Id; user: Id; heartbeat: number; node: string }
  | { op: 'ready'; heads: Heads; first: Record<Id, number> }
  | Ack
  | Refusal
  | ({ op: 'event' } & RoomEvent)
  | { op: 'read'; room: Id; user: Id; seq: number }
  | { op: 'typing'; room: Id; user: Id }
  | { op: 'presence'; user: Id; online: boolean }
  | { op: 'heads'; rooms: Heads }
  | { op: 'lag'; room: Id; head: number }
  | { op: 'limited'; room: Id; from: number; to: number }
  | { op: 'reset'; room: Id; epoch: number; first_seq: number; head: number }
  | { op: 'gone'; room: Id }
  | { op: 'synced'; ref: string; heads: Heads }
  | { op: 'pong'; ref: string }
  | { op: 'reconnect'; after_ms: number };

/** Nothing for what is no frame of ours; newer servers may send more. */
export function parseFrame(text: string): ServerFrame | undefined {
  try {
    const value = JSON.parse(text) as { op?: unknown } | null;
    return typeof value?.op === 'string' ? (value as ServerFrame) : undefined;
  } catch {
    return undefined;
  }
}
