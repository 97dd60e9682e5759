/** A server that says what a test wants, and time that passes when a test wants. */
import type { Api } from '../src/api/api';
import type { Log, Message, OwnUser, RoomEvent, RoomListEntry } from '../src/api/types';
import { Chat, type Notice } from '../src/engine/chat';
import type { Socket } from '../src/engine/connection';
import type { ClientFrame, ServerFrame } from '../src/engine/frames';
import { Memory, type Storage } from '../src/engine/storage';
import { AloneTabs } from '../src/engine/tabs';

export const ME = '1';
export const OTHER = '2';
export const ROOM = '77';
export const AT = '2026-11-22T09:30:00.000Z';

export function message(seq: number, more: Partial<Message> = {}): Message {
  return {
    room: ROOM,
    seq,
    ordinal: seq - 1,
    sender: OTHER,
    cid: `00000000-0000-4000-8000-${String(seq).padStart(12, '0')}`,
    text: `m${seq}`,
    reply_to: null,
    attachments: [],
    meta: null,
    created_at: AT,
    edited_at: null,
    deleted: false,
    reactions: {},
    version: 1,
    ...more,
  };
}

export function said(seq: number, more: Partial<Message> = {}): RoomEvent {
  const body = message(seq, more);
  return { room: ROOM, epoch: 1, seq, kind: 'message', actor: body.sender, at: AT, message: body };
}

export class ScriptedSocket implements Socket {
  sent: ClientFrame[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send = (text: string) => void this.sent.push(JSON.parse(text) as ClientFrame);
  close = () => void (this.closed = true);
  say(frame: ServerFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  break(code = 1006): void {
    this.onclose?.({ code });
  }
  of<Op extends ClientFrame['op']>(op: Op): Extract<ClientFrame, { op: Op }>[] {
    return this.sent.filter((frame): frame is Extract<ClientFrame, { op: Op }> => frame.op === op);
  }
}

/** The server's log of one room; what the HTTP calls answer from. */
export class Script {
  sockets: ScriptedSocket[] = [];
  notices: Notice[] = [];
  events: RoomEvent[] = [said(2), said(3)];
  epoch = 1;
  kind: 'direct' | 'group' = 'direct';
  ended = 0;
  logCalls = 0;
  historyCalls = 0;
  /** A page of history is on its way so long, as it was when it was asked for. */
  historyMs = 0;
  /** The room's shard does not answer. */
  shardAway = false;
  offline = false;
  readonly chat: Chat;
  private cids = 0;

  constructor(readonly storage: Storage = new Memory()) {
    const me = { id: ME, handle: 'me', display_name: '나', deleted: false, locale: 'ko', created_at: AT };
    this.chat = new Chat({
      me: me as OwnUser,
      api: this.api(),
      storage,
      openSocket: () => {
        const socket = new ScriptedSocket();
        this.sockets.push(socket);
        return socket;
      },
      openTabs: (hooks) => new AloneTabs(hooks),
      newCid: () => `10000000-0000-4000-8000-${String(++this.cids).padStart(12, '0')}`,
      onSessionEnd: () => (this.ended += 1),
      onNotice: (notice) => this.notices.push(notice),
      random: () => 1,
    });
  }

  get head(): number {
    return this.events[this.events.length - 1]?.seq ?? 1;
  }

  get socket(): ScriptedSocket {
    return this.sockets[this.sockets.length - 1]!;
  }

  get texts(): (string | null)[] {
    return (this.chat.state.get().timelines[ROOM]?.messages ?? []).map((each) => each.text);
  }

  /** Opens the line and answers hello. */
  welcome(backlog: ServerFrame[] = []): void {
    const { socket } = this;
    socket.onopen?.();
    socket.say({ op: 'welcome', session: '5', user: ME, heartbeat: 25, node: 'n' });
    for (const frame of backlog) socket.say(frame);
    socket.say({ op: 'ready', heads: { [ROOM]: [this.epoch, this.head] }, first: { [ROOM]: 1 } });
  }

  /** Stores an event and tells it. */
  tell(event: RoomEvent): void {
    this.store(event);
    this.socket.say({ op: 'event', ...event });
  }

  store(event: RoomEvent): void {
    this.events.push(event);
  }

  static entry(kind: 'direct' | 'group', epoch: number, head: number, last: Message | null): RoomListEntry {
    const two = kind === 'direct';
    const room = { id: ROOM, kind, title: two ? null : '모임', created_at: AT, member_count: 2, role: 'member' as const };
    return {
      room: two ? { ...room, peer: OTHER } : room,
      head: { epoch, seq: head, ordinal: head - 1 },
      first_seq: 1,
      last_message: last,
      unread: 0,
      read_seq: head,
      muted: false,
      pinned: false,
    };
  }

  private api(): Api {
    const messages = () =>
      this.events.flatMap((event) => (event.kind === 'message' ? [event.message] : []));
    const entry = () => Script.entry(this.kind, this.epoch, this.head, messages().pop() ?? null);
    const log = (_room: string, after: number, limit = 500): Promise<Log> => {
      this.logCalls += 1;
      if (this.offline) return Promise.reject(new Error('offline'));
      const events = this.events.filter((event) => event.seq > after).slice(0, limit);
      return Promise.resolve({ epoch: this.epoch, first_seq: 1, head: this.head, events });
    };
    const api = {
      rooms: () =>
        Promise.resolve(this.shardAway ? { items: [], unavailable: [ROOM] } : { items: [entry()] }),
      history: () => {
        this.historyCalls += 1;
        const page = { messages: messages(), has_older: false, has_newer: false };
        if (this.historyMs === 0) return Promise.resolve(page);
        return new Promise((resolve) => setTimeout(() => resolve(page), this.historyMs));
      },
      log,
      me: () => Promise.resolve({}),
      members: () => Promise.resolve({ items: [] }),
      user: (id: string) => Promise.resolve({ id, handle: 'o', display_name: '영호', deleted: false }),
    };
    return api as unknown as Api;
  }
}
