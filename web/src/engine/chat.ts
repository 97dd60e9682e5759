import type { Api } from '../api/api';
import { ApiError } from '../api/http';
import type { Id, OwnUser, RoomEvent } from '../api/types';
import type { ConnectionState, Socket } from './connection';
import type { Ack, Heads, Refusal, ServerFrame } from './frames';
import { Histories } from './history';
import { Link } from './link';
import { Outbox } from './outbox';
import { People } from './people';
import { RoomLog } from './room_log';
import { applyToEntry, readUpTo, refreshed, sortEntries, type RoomEntry } from './room_list';
import { initialState, leavingKey, without, type ChatState } from './state';
import type { Storage } from './storage';
import { Store } from './store';
import type { TabHooks, TabMessage, Tabs } from './tabs';
import { apply, find, withReaction } from './timeline';

export interface ChatParts {
  me: OwnUser;
  api: Api;
  storage: Storage;
  openSocket(): Socket;
  openTabs(hooks: TabHooks): Tabs;
  newCid(): string;
  /** The session is over: revoked here or elsewhere, or its user is gone. */
  onSessionEnd(): void;
  /** Something a reader should be told once. */
  onNotice(notice: Notice): void;
  random?: () => number;
}

export type Notice =
  | { kind: 'gone'; title: string }
  | { kind: 'refused'; code: string }
  | { kind: 'message'; room: Id; sender: Id; text: string };

const kListDelayMs = 300;
const kTypingEveryMs = 3000;
const kTypingLastsMs = 6000;
const kUndoMs = 6000;
const kListRetryMs = 5000;

/** The engine behind the screens: what they show is in `state`, what they do are its methods. */
export class Chat {
  readonly state: Store<ChatState>;
  readonly people: People;
  readonly histories: Histories;
  private readonly link: Link;
  private readonly outbox: Outbox;
  private readonly logs = new Map<Id, RoomLog>();
  private readonly me: Id;
  private readonly undo = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly typedAt = new Map<Id, number>();
  private readonly unanswered = new Map<string, () => void>();
  private readonly watched = new Set<Id>();
  private listTimer: ReturnType<typeof setTimeout> | undefined;
  private sweep: ReturnType<typeof setInterval> | undefined;
  private refs = 0;
  private closed = false;

  constructor(private readonly parts: ChatParts) {
    this.me = parts.me.id;
    this.state = new Store(initialState(parts.me));
    this.people = new People(parts.api, this.state);
    this.histories = new Histories(parts.api, this.state, this.people);
    this.outbox = new Outbox(parts.storage, {
      send: (frame) => this.link.send(frame),
      distrust: () => this.link.distrust(),
      onChange: (pending) => this.state.update((s) => ({ ...s, pending })),
      newCid: parts.newCid,
    });
    this.link = new Link({
      openSocket: parts.openSocket,
      openTabs: parts.openTabs,
      ...(parts.random ? { random: parts.random } : {}),
      cursors: () => this.cursors(),
      onFrame: (frame) => this.onFrame(frame),
      onState: (line) => this.onLine(line),
      onTab: (message) => void this.onTab(message),
      onLead: () => this.directOutbox(),
    });
    this.sweep = setInterval(() => this.sweepTyping(), 1000);
  }

  /** Reads what is kept on this device and the room list. */
  async start(): Promise<void> {
    const drafts = await this.parts.storage.drafts();
    this.state.update((s) => ({
      ...s,
      drafts: Object.fromEntries(drafts.map((draft) => [draft.room, draft.text])),
    }));
    await this.outbox.load();
    await this.loadList();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.listTimer);
    clearInterval(this.sweep);
    this.flushDeletions();
    for (const log of this.logs.values()) log.close();
    this.outbox.close();
    this.link.close();
    this.parts.storage.close();
  }

  wake(): void {
    this.link.wake();
    if (this.state.get().list === 'failed') void this.loadList();
  }

  // --- the list ---------------------------------------------------------------------------------

  async loadList(): Promise<void> {
    clearTimeout(this.listTimer);
    this.listTimer = undefined;
    try {
      const items = [];
      let cursor: string | undefined;
      do {
        const page = await this.parts.api.rooms(cursor);
        items.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor && items.length < 2000);
      if (this.closed) return;
      const known = this.state.get().rooms;
      const rooms: Record<Id, RoomEntry> = {};
      for (const item of items) rooms[item.room.id] = refreshed(known[item.room.id], item);
      this.state.update((s) => ({ ...s, rooms, list: 'ready' }));
      for (const entry of Object.values(rooms)) this.follow(entry);
      this.people.need(items.flatMap((item) => (item.room.peer ? [item.room.peer] : [])));
      this.people.need(items.flatMap((i) => (i.last_message ? [i.last_message.sender] : [])));
    } catch (failure) {
      if (this.closed) return;
      if (failure instanceof ApiError && failure.status === 401) this.parts.onSessionEnd();
      if (this.state.get().list !== 'ready') this.state.update((s) => ({ ...s, list: 'failed' }));
      this.listTimer ??= setTimeout(() => void this.loadList(), kListRetryMs);
    }
  }

  /** The list changed in a way that only the server knows; asked once for several changes. */
  private listSoon(): void {
    this.listTimer ??= setTimeout(() => void this.loadList(), kListDelayMs);
  }

  private follow(entry: RoomEntry): void {
    const { id } = entry.room;
    if (this.logs.has(id)) return;
    const log = new RoomLog(id, entry.head, {
      fetch: (room, after) => this.parts.api.log(room, after),
      apply: (event) => this.onEvent(event),
      startOver: (room) => this.startOver(room),
    });
    this.logs.set(id, log);
  }

  private cursors() {
    const entries = sortEntries(Object.values(this.state.get().rooms));
    return entries.flatMap((entry) => this.logs.get(entry.room.id)?.cursor() ?? []);
  }

  private startOver(room: Id): void {
    this.listSoon();
    if (!this.state.get().timelines[room]) return;
    void this.histories.reload(room);
  }

  /** No longer a member: nothing of the room stays. */
  private forgetRoom(room: Id, tell: boolean): void {
    const entry = this.state.get().rooms[room];
    this.logs.get(room)?.close();
    this.logs.delete(room);
    this.outbox.roomGone(room);
    this.state.update((s) => ({
      ...s,
      rooms: without(s.rooms, room),
      timelines: without(s.timelines, room),
      members: without(s.members, room),
    }));
    if (tell && entry) this.parts.onNotice({ kind: 'gone', title: entry.room.title ?? '' });
  }

  // --- what the server says ---------------------------------------------------------------------

  private onFrame(frame: ServerFrame): void {
    switch (frame.op) {
      case 'event':
        this.receive(frame);
        break;
      case 'ready':
        this.compare(frame.heads);
        for (const room of Object.keys(this.state.get().rooms)) {
          if (!frame.heads[room]) this.listSoon();
        }
        break;
      case 'heads':
        this.compare(frame.rooms);
        break;
      case 'lag':
        this.logs.get(frame.room)?.catchUp(this.epochOf(frame.room), frame.head);
        break;
      case 'limited':
        this.logs.get(frame.room)?.skipTo(frame.to);
        break;
      case 'reset':
        this.logs.get(frame.room)?.reset(frame.epoch, frame.head);
        break;
      case 'gone':
        this.forgetRoom(frame.room, true);
        break;
      case 'ack':
        this.onAck(frame);
        break;
      case 'error':
        this.onRefusal(frame);
        break;
      case 'read':
        this.onRead(frame.room, frame.user, frame.seq);
        break;
      case 'typing':
        this.onTyping(frame.room, frame.user);
        break;
      case 'presence':
        this.state.update((s) => ({ ...s, online: { ...s.online, [frame.user]: frame.online } }));
        break;
    }
  }

  private epochOf(room: Id): number {
    return this.logs.get(room)?.cursor().epoch ?? 0;
  }

  private receive(event: RoomEvent): void {
    const log = this.logs.get(event.room);
    if (log) log.receive(event);
    else this.listSoon();
  }

  private compare(heads: Heads): void {
    for (const [room, [epoch, seq]] of Object.entries(heads)) {
      const log = this.logs.get(room);
      if (log) log.catchUp(epoch, seq);
      else this.listSoon();
    }
  }

  /** The next event of a room's log. */
  private onEvent(event: RoomEvent): void {
    const { room } = event;
    if (event.kind === 'member') {
      if (event.user === this.me && event.role === null) {
        this.forgetRoom(room, event.actor !== this.me);
        return;
      }
      this.listSoon();
      if (this.state.get().members[room]) void this.people.loadMembers(room).catch(() => undefined);
    }
    this.histories.note(event);
    this.state.update((s) => {
      const entry = s.rooms[room];
      const timeline = s.timelines[room];
      return {
        ...s,
        rooms: entry ? { ...s.rooms, [room]: applyToEntry(entry, event, this.me) } : s.rooms,
        timelines: timeline ? { ...s.timelines, [room]: apply(timeline, event) } : s.timelines,
      };
    });
    if (event.kind === 'message') this.onMessage(event);
  }

  private onMessage(event: Extract<RoomEvent, { kind: 'message' }>): void {
    const { message } = event;
    this.people.need([message.sender]);
    this.stopTyping(event.room, message.sender);
    if (message.sender === this.me) {
      this.outbox.stored(message.cid.toLowerCase());
      return;
    }
    this.people.read(event.room, message.sender, message.seq);
    if (this.state.get().rooms[event.room]?.muted || message.text === null) return;
    const { room, sender, text } = message;
    this.parts.onNotice({ kind: 'message', room, sender, text });
  }

  private onAck(ack: Ack): void {
    const item = this.outbox.answered(ack.ref);
    if (item) {
      this.showStored(item, ack);
      this.outbox.acknowledged(ack);
      return;
    }
    this.unanswered.delete(ack.ref);
  }

  /** Until the message's own event comes, what we know of it takes its place. */
  private showStored(item: { room: Id; cid: string; text: string; replyTo: number | null }, ack: Ack) {
    if (ack.duplicate) {
      // It may have been edited elsewhere since: the log says what it is now.
      const entry = this.state.get().rooms[item.room];
      if (entry && entry.head.seq >= ack.seq) return;
    }
    const message = {
      room: item.room,
      seq: ack.seq,
      ordinal: ack.ordinal ?? 1,
      sender: this.me,
      cid: item.cid,
      text: item.text,
      reply_to: item.replyTo,
      attachments: [],
      meta: null,
      created_at: ack.at,
      edited_at: null,
      deleted: false,
      reactions: {},
      version: 0,
    };
    this.state.update((s) => {
      const timeline = s.timelines[item.room];
      if (!timeline || timeline.hasNewer || find(timeline.messages, ack.seq)) return s;
      const event = { kind: 'message', message, room: item.room, epoch: 0, seq: ack.seq };
      return { ...s, timelines: { ...s.timelines, [item.room]: apply(timeline, event as unknown as RoomEvent) } };
    });
  }

  private onRefusal(refusal: Refusal): void {
    if (this.outbox.answered(refusal.ref)) {
      this.outbox.refused(refusal);
      return;
    }
    const takeBack = refusal.ref ? this.unanswered.get(refusal.ref) : undefined;
    if (!takeBack || !refusal.ref) return;
    this.unanswered.delete(refusal.ref);
    takeBack();
    this.parts.onNotice({ kind: 'refused', code: refusal.code });
  }

  private onRead(room: Id, user: Id, seq: number): void {
    this.people.read(room, user, seq);
    if (user !== this.me) return;
    const entry = this.state.get().rooms[room];
    if (!entry || seq <= entry.read_seq) return;
    if (seq >= (entry.last_message?.seq ?? 0)) this.noteOwnRead(room, seq, entry.head.ordinal);
    else this.listSoon();
  }

  private onLine(line: ConnectionState): void {
    this.state.update((s) => ({ ...s, line }));
    this.directOutbox();
    if (line === 'ended') this.parts.onSessionEnd();
    if (line === 'waiting') void this.checkSession();
    if (line !== 'ready') return;
    this.sendWatched();
    if (this.state.get().list === 'failed') void this.loadList();
    for (const room of Object.keys(this.state.get().broken)) void this.histories.openLatest(room);
    for (const room of this.watched) {
      if (this.state.get().members[room]) void this.people.loadMembers(room).catch(() => undefined);
    }
  }

  /** A handshake that was refused does not say why in a browser: the API does. */
  private async checkSession(): Promise<void> {
    try {
      await this.parts.api.me();
    } catch (failure) {
      if (this.closed) return;
      if (failure instanceof ApiError && failure.status === 401) this.parts.onSessionEnd();
    }
  }

  private async onTab(message: TabMessage): Promise<void> {
    if (message.kind === 'outbox') await this.outbox.load();
    if (message.kind === 'logout') this.parts.onSessionEnd();
    if (message.kind === 'draft') {
      const text = await this.parts.storage.draft(message.room);
      this.state.update((s) => ({ ...s, drafts: { ...s.drafts, [message.room]: text } }));
    }
  }

  private directOutbox(): void {
    this.outbox.setSending(this.link.leads && this.link.ready);
  }

  // --- what people do ---------------------------------------------------------------------------

  /** Opens a room at its end, or at a message. */
  openRoom(room: Id, at?: number): void {
    if (at) void this.histories.openAround(room, at);
    else void this.histories.openLatest(room);
    if (!this.state.get().members[room]) {
      void this.people.loadMembers(room).catch(() => undefined);
    }
    this.watched.add(room);
    this.sendWatched();
  }

  leaveScreen(room: Id): void {
    this.watched.delete(room);
  }

  /** Returns when it is safely kept on this device. */
  async send(room: Id, text: string, replyTo: number | null): Promise<void> {
    if (this.state.get().timelines[room]?.hasNewer) void this.histories.reload(room);
    await this.outbox.add(room, text, replyTo);
    await this.keepDraft(room, '');
    this.link.post({ kind: 'outbox' });
  }

  async retry(cid: string): Promise<void> {
    await this.outbox.retry(cid);
    this.link.post({ kind: 'outbox' });
  }

  async discard(cid: string): Promise<void> {
    await this.outbox.discard(cid);
    this.link.post({ kind: 'outbox' });
  }

  async keepDraft(room: Id, text: string): Promise<void> {
    if ((this.state.get().drafts[room] ?? '') === text) return;
    this.state.update((s) => ({ ...s, drafts: { ...s.drafts, [room]: text } }));
    await this.parts.storage.keepDraft(room, text);
  }

  /** False when there is no line. */
  edit(room: Id, seq: number, text: string): boolean {
    return this.request({ op: 'edit', room, seq, text }, () => undefined);
  }

  react(room: Id, seq: number, emoji: string, on: boolean): boolean {
    const show = (shown: boolean) => this.showReaction(room, seq, emoji, shown);
    const sent = this.request({ op: 'react', room, seq, emoji, on }, () => show(!on));
    if (sent) show(on);
    return sent;
  }

  /** Hides the message; it is deleted in a few seconds unless he wants it back. */
  deleteSoon(room: Id, seq: number): void {
    const key = leavingKey(room, seq);
    this.state.update((s) => ({ ...s, leaving: { ...s.leaving, [key]: true } }));
    this.undo.set(key, setTimeout(() => this.deleteNow(room, seq), kUndoMs));
  }

  undelete(room: Id, seq: number): void {
    const key = leavingKey(room, seq);
    clearTimeout(this.undo.get(key));
    this.undo.delete(key);
    this.state.update((s) => ({ ...s, leaving: without(s.leaving, key) }));
  }

  /** The page goes: what was to be deleted is deleted now. */
  flushDeletions(): void {
    for (const key of [...this.undo.keys()]) {
      const [room, seq] = key.split(':') as [Id, string];
      this.deleteNow(room, Number(seq), true);
    }
  }

  private deleteNow(room: Id, seq: number, keepalive = false): void {
    const key = leavingKey(room, seq);
    clearTimeout(this.undo.get(key));
    this.undo.delete(key);
    this.parts.api.erase(room, seq, { keepalive }).then(
      () => undefined,
      (failure: unknown) => {
        this.undelete(room, seq);
        const code = failure instanceof ApiError ? failure.code : 'internal';
        if (!this.closed) this.parts.onNotice({ kind: 'refused', code });
      },
    );
  }

  /** He has seen everything up to this message. */
  markRead(room: Id, seq: number): void {
    const entry = this.state.get().rooms[room];
    if (!entry || seq <= entry.read_seq || !this.link.send({ op: 'read', room, seq })) return;
    const message = find(this.state.get().timelines[room]?.messages ?? [], seq);
    this.noteOwnRead(room, seq, message?.ordinal ?? entry.readOrdinal);
  }

  private noteOwnRead(room: Id, seq: number, ordinal: number): void {
    this.state.update((s) => {
      const entry = s.rooms[room];
      if (!entry) return s;
      return { ...s, rooms: { ...s.rooms, [room]: readUpTo(entry, seq, ordinal) } };
    });
  }

  typing(room: Id): void {
    const now = Date.now();
    const before = this.typedAt.get(room) ?? 0;
    if (now - before < kTypingEveryMs && now >= before) return;
    if (this.link.send({ op: 'typing', room })) this.typedAt.set(room, now);
  }

  async setPreferences(room: Id, wish: { muted?: boolean; pinned?: boolean }): Promise<void> {
    const now = await this.parts.api.preferences(room, wish);
    this.state.update((s) => {
      const entry = s.rooms[room];
      return entry ? { ...s, rooms: { ...s.rooms, [room]: { ...entry, ...now } } } : s;
    });
  }

  async leaveRoom(room: Id): Promise<void> {
    await this.parts.api.removeMember(room, this.me);
    this.forgetRoom(room, false);
  }

  setMe(me: OwnUser): void {
    this.state.update((s) => ({ ...s, me, people: { ...s.people, [me.id]: me } }));
  }

  sayGoodbye(): void {
    this.link.post({ kind: 'logout' });
  }

  private request(
    frame:
      | { op: 'edit'; room: Id; seq: number; text: string }
      | { op: 'react'; room: Id; seq: number; emoji: string; on: boolean },
    takeBack: () => void,
  ): boolean {
    const ref = `r:${this.parts.newCid().slice(0, 8)}:${++this.refs}`;
    if (!this.link.send({ ...frame, ref })) return false;
    this.unanswered.set(ref, takeBack);
    return true;
  }

  private showReaction(room: Id, seq: number, emoji: string, on: boolean): void {
    this.state.update((s) => {
      const timeline = s.timelines[room];
      if (!timeline) return s;
      const messages = timeline.messages.map((message) =>
        message.seq === seq ? withReaction(message, emoji, this.me, on) : message,
      );
      return { ...s, timelines: { ...s.timelines, [room]: { ...timeline, messages } } };
    });
  }

  // --- passing things ---------------------------------------------------------------------------

  private onTyping(room: Id, user: Id): void {
    if (user === this.me) return;
    this.people.need([user]);
    this.state.update((s) => {
      const writing = { ...s.typing[room], [user]: Date.now() };
      return { ...s, typing: { ...s.typing, [room]: writing } };
    });
  }

  private stopTyping(room: Id, user: Id): void {
    this.state.update((s) => {
      const writing = s.typing[room];
      if (!writing?.[user]) return s;
      return { ...s, typing: { ...s.typing, [room]: without(writing, user) } };
    });
  }

  private sweepTyping(): void {
    const now = Date.now();
    for (const [room, writing] of Object.entries(this.state.get().typing)) {
      for (const [user, since] of Object.entries(writing)) {
        if (now - since > kTypingLastsMs || now < since) this.stopTyping(room, user);
      }
    }
  }

  private sendWatched(): void {
    if (this.watched.size > 0) this.link.send({ op: 'presence', rooms: [...this.watched] });
  }
}
