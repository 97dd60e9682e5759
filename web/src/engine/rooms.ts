import type { Api } from '../api/api';
import { ApiError } from '../api/http';
import type { Id, RoomEvent } from '../api/types';
import type { Cursor, Heads } from './frames';
import type { People } from './people';
import { RoomLog } from './room_log';
import { readUpTo, refreshed, sortEntries, type RoomEntry } from './room_list';
import type { ChatState } from './state';
import type { Store } from './store';

const kListDelayMs = 300;
const kListRetryMs = 5000;
const kMostRooms = 2000;

export interface RoomsHooks {
  /** The next event of a room's log: in order, each once. */
  onEvent(event: RoomEvent): void;
  /** The room's history changed: what is on the screen has to be read anew. */
  startOver(room: Id): void;
  onSessionEnd(): void;
}

/** The rooms of the list, and the log of each. */
export class Rooms {
  private readonly logs = new Map<Id, RoomLog>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    private readonly api: Api,
    private readonly state: Store<ChatState>,
    private readonly people: People,
    private readonly hooks: RoomsHooks,
  ) {}

  /** Asks for the whole list; again in a while if that fails. */
  async load(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      const { items, unavailable } = await this.all();
      if (this.closed) return;
      const known = this.state.get().rooms;
      const rooms: Record<Id, RoomEntry> = {};
      // A part of the server is away: its rooms stay as they were, and are asked for again.
      for (const room of unavailable) if (known[room]) rooms[room] = known[room];
      if (unavailable.length > 0) this.timer = setTimeout(() => void this.load(), kListRetryMs);
      for (const item of items) rooms[item.room.id] = refreshed(known[item.room.id], item);
      this.state.update((s) => ({ ...s, rooms, list: 'ready' }));
      for (const entry of Object.values(rooms)) this.follow(entry);
      this.people.need(items.flatMap((item) => (item.room.peer ? [item.room.peer] : [])));
      this.people.need(items.flatMap((i) => (i.last_message ? [i.last_message.sender] : [])));
    } catch (failure) {
      if (this.closed) return;
      if (failure instanceof ApiError && failure.status === 401) this.hooks.onSessionEnd();
      if (this.state.get().list !== 'ready') this.state.update((s) => ({ ...s, list: 'failed' }));
      this.timer ??= setTimeout(() => void this.load(), kListRetryMs);
    }
  }

  /** The list changed in a way that only the server knows; asked once for several changes. */
  soon(): void {
    this.timer ??= setTimeout(() => void this.load(), kListDelayMs);
  }

  log(room: Id): RoomLog | undefined {
    return this.logs.get(room);
  }

  epochOf(room: Id): number {
    return this.logs.get(room)?.cursor().epoch ?? 0;
  }

  /** What we have of each room, the latest activity first. */
  cursors(): Cursor[] {
    const entries = sortEntries(Object.values(this.state.get().rooms));
    return entries.flatMap((entry) => this.logs.get(entry.room.id)?.cursor() ?? []);
  }

  receive(event: RoomEvent): void {
    const log = this.logs.get(event.room);
    if (log) log.receive(event);
    else this.soon();
  }

  /** The logs are known to reach so far. */
  compare(heads: Heads): void {
    for (const [room, [epoch, seq]] of Object.entries(heads)) {
      const log = this.logs.get(room);
      if (log) log.catchUp(epoch, seq);
      else this.soon();
    }
  }

  /** The line stands and these are the heads of all rooms: one that is missing is gone. */
  ready(heads: Heads): void {
    this.compare(heads);
    if (Object.keys(this.state.get().rooms).some((room) => !heads[room])) this.soon();
  }

  noteOwnRead(room: Id, seq: number, ordinal: number): void {
    this.state.update((s) => {
      const entry = s.rooms[room];
      if (!entry) return s;
      return { ...s, rooms: { ...s.rooms, [room]: readUpTo(entry, seq, ordinal) } };
    });
  }

  drop(room: Id): void {
    this.logs.get(room)?.close();
    this.logs.delete(room);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const log of this.logs.values()) log.close();
  }

  private async all() {
    const items = [];
    const unavailable = new Set<Id>();
    let cursor: string | undefined;
    do {
      const page = await this.api.rooms(cursor);
      items.push(...page.items);
      for (const room of page.unavailable ?? []) unavailable.add(room);
      cursor = page.next_cursor;
    } while (cursor && items.length < kMostRooms);
    return { items, unavailable: [...unavailable] };
  }

  private follow(entry: RoomEntry): void {
    const { id } = entry.room;
    if (this.logs.has(id)) return;
    const log = new RoomLog(id, entry.head, {
      fetch: (room, after) => this.api.log(room, after),
      apply: (event) => this.hooks.onEvent(event),
      startOver: (room) => {
        this.soon();
        this.hooks.startOver(room);
      },
    });
    this.logs.set(id, log);
  }
}
