import type { Api } from '../api/api';
import { ApiError } from '../api/http';
import type { Id, OwnUser } from '../api/types';
import { Changes } from './changes';
import type { ConnectionState, Socket } from './connection';
import { Histories } from './history';
import { Incoming } from './incoming';
import { Link } from './link';
import { Outbox } from './outbox';
import { Passing } from './passing';
import { People } from './people';
import { Rooms } from './rooms';
import { initialState, without, type ChatState, type Notice } from './state';
import type { Storage } from './storage';
import { Store } from './store';
import type { TabHooks, TabMessage, Tabs } from './tabs';
import { find } from './timeline';

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

export type { Notice };

/** The engine behind the screens: what they show is in `state`, what they do are its methods. */
export class Chat {
  readonly state: Store<ChatState>;
  readonly people: People;
  readonly histories: Histories;
  readonly changes: Changes;
  readonly passing: Passing;
  private readonly rooms: Rooms;
  private readonly incoming: Incoming;
  private readonly link: Link;
  private readonly outbox: Outbox;
  private readonly me: Id;
  private closed = false;

  constructor(private readonly parts: ChatParts) {
    const { api } = parts;
    this.me = parts.me.id;
    this.state = new Store(initialState(parts.me));
    this.people = new People(api, this.state);
    this.histories = new Histories(api, this.state, this.people);
    this.rooms = new Rooms(api, this.state, this.people, {
      onEvent: (event) => this.incoming.event(event),
      startOver: (room) => {
        if (this.state.get().timelines[room]) void this.histories.reload(room);
      },
      onSessionEnd: () => parts.onSessionEnd(),
    });
    this.outbox = new Outbox(parts.storage, {
      send: (frame) => this.link.send(frame),
      distrust: () => this.link.distrust(),
      onChange: (pending) => this.state.update((s) => ({ ...s, pending })),
      newCid: parts.newCid,
    });
    this.changes = new Changes(api, this.state, {
      send: (frame) => this.link.send(frame),
      newCid: parts.newCid,
      onRefused: (code) => parts.onNotice({ kind: 'refused', code }),
    });
    this.passing = new Passing(this.state, this.people, (frame) => this.link.send(frame));
    const { state, people, histories, rooms, outbox, changes, passing } = this;
    this.incoming = new Incoming({
      ...{ state, people, histories, rooms, outbox, changes, passing },
      forgetRoom: (room, tell) => this.forgetRoom(room, tell),
      onNotice: (notice) => parts.onNotice(notice),
    });
    this.link = new Link({
      openSocket: parts.openSocket,
      openTabs: parts.openTabs,
      ...(parts.random ? { random: parts.random } : {}),
      cursors: () => this.rooms.cursors(),
      onFrame: (frame) => this.incoming.frame(frame),
      onState: (line) => this.onLine(line),
      onTab: (message) => void this.onTab(message),
      onLead: () => this.directOutbox(),
    });
  }

  /** Reads what is kept on this device and the room list. */
  async start(): Promise<void> {
    const drafts = await this.parts.storage.drafts();
    this.state.update((s) => ({
      ...s,
      drafts: Object.fromEntries(drafts.map((draft) => [draft.room, draft.text])),
    }));
    await this.outbox.load();
    await this.rooms.load();
  }

  close(): void {
    this.closed = true;
    this.changes.close();
    this.passing.close();
    this.rooms.close();
    this.outbox.close();
    this.link.close();
    this.parts.storage.close();
  }

  wake(): void {
    this.link.wake();
    if (this.state.get().list === 'failed') void this.rooms.load();
  }

  loadList(): Promise<void> {
    return this.rooms.load();
  }

  /** No longer a member: nothing of the room stays. */
  private forgetRoom(room: Id, tell: boolean): void {
    const entry = this.state.get().rooms[room];
    this.rooms.drop(room);
    this.outbox.roomGone(room);
    this.state.update((s) => ({
      ...s,
      rooms: without(s.rooms, room),
      timelines: without(s.timelines, room),
      members: without(s.members, room),
    }));
    if (tell && entry) this.parts.onNotice({ kind: 'gone', title: entry.room.title ?? '' });
  }

  // --- the line and the other tabs -----------------------------------------------------------------

  private onLine(line: ConnectionState): void {
    this.state.update((s) => ({ ...s, line }));
    this.directOutbox();
    if (line === 'ended') this.parts.onSessionEnd();
    if (line === 'waiting') void this.checkSession();
    if (line !== 'ready') return;
    this.passing.askAgain();
    this.changes.again();
    if (this.state.get().list === 'failed') void this.rooms.load();
    for (const room of Object.keys(this.state.get().broken)) void this.histories.openLatest(room);
    for (const room of this.passing.rooms) {
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
    this.passing.watch(room);
  }

  leaveScreen(room: Id): void {
    this.passing.unwatch(room);
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

  /** He has seen everything up to this message. */
  markRead(room: Id, seq: number): void {
    const entry = this.state.get().rooms[room];
    if (!entry || seq <= entry.read_seq || !this.link.send({ op: 'read', room, seq })) return;
    const message = find(this.state.get().timelines[room]?.messages ?? [], seq);
    this.rooms.noteOwnRead(room, seq, message?.ordinal ?? entry.readOrdinal);
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
}
