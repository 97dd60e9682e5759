import type { Api } from '../api/api';
import { ApiError } from '../api/http';
import type { History, Id, Message, RoomEvent } from '../api/types';
import type { People } from './people';
import { without, type ChatState } from './state';
import type { Store } from './store';
import { addNewer, addOlder, apply, find, fromPage, merge, type Timeline } from './timeline';

const kPage = 50;

/** Reads a room's history into its timeline, page by page, one request at a time per end. */
export class Histories {
  private readonly busy = new Set<string>();
  /** What happened in a room while its pages are on their way, which may not know of it. */
  private readonly meanwhile = new Map<Id, { pages: number; events: RoomEvent[] }>();
  private readonly single = new Map<string, Promise<Message | undefined>>();

  constructor(
    private readonly api: Api,
    private readonly state: Store<ChatState>,
    private readonly people: People,
  ) {}

  /** Another event of a room's log, in order. */
  note(event: RoomEvent): void {
    this.meanwhile.get(event.room)?.events.push(event);
  }

  /** The end of the room, unless it is there already. */
  async openLatest(room: Id): Promise<void> {
    const known = this.state.get().timelines[room];
    if (known && !known.hasNewer) return;
    await this.reload(room);
  }

  /** The end of the room, anew. What arrived meanwhile stays. */
  async reload(room: Id): Promise<void> {
    await this.once('latest', room, async () => {
      const page = await this.api.history(room, { limit: kPage });
      this.keep(room, page, (known) => {
        const fresh = fromPage(page);
        if (!known || known.hasNewer) return fresh;
        // Only what follows the page without a hole.
        const last = page.messages[page.messages.length - 1]?.seq ?? 0;
        const later = known.messages.filter((message) => message.seq > last);
        return { ...fresh, messages: merge(fresh.messages, later) };
      });
    });
  }

  /** Around a message, unless it is on the screen. */
  async openAround(room: Id, seq: number): Promise<void> {
    const known = this.state.get().timelines[room];
    if (known && find(known.messages, seq)) return;
    await this.once('around', room, async () => {
      const page = await this.api.history(room, { around: seq, limit: kPage });
      this.keep(room, page, () => fromPage(page));
    });
  }

  async older(room: Id): Promise<void> {
    const known = this.state.get().timelines[room];
    const first = known?.messages[0];
    if (!known?.hasOlder || !first) return;
    await this.once('older', room, async () => {
      const page = await this.api.history(room, { before: first.seq, limit: kPage });
      this.keep(room, page, (now) =>
        now?.messages[0]?.seq === first.seq ? addOlder(now, page) : now,
      );
    });
  }

  async newer(room: Id): Promise<void> {
    const known = this.state.get().timelines[room];
    const last = known?.messages[known.messages.length - 1];
    if (!known?.hasNewer || !last) return;
    await this.once('newer', room, async () => {
      const page = await this.api.history(room, { after: last.seq, limit: kPage });
      this.keep(room, page, (now) =>
        now?.messages[now.messages.length - 1]?.seq === last.seq ? addNewer(now, page) : now,
      );
    });
  }

  /** One message, for a quotation whose original is not on the screen. */
  one(room: Id, seq: number): Promise<Message | undefined> {
    const known = find(this.state.get().timelines[room]?.messages ?? [], seq);
    if (known) return Promise.resolve(known);
    const key = `${room}:${seq}`;
    let asked = this.single.get(key);
    if (!asked) {
      asked = this.api.message(room, seq).then(
        (message) => {
          this.people.need([message.sender]);
          return message;
        },
        () => {
          this.single.delete(key);
          return undefined;
        },
      );
      this.single.set(key, asked);
    }
    return asked;
  }

  private keep(room: Id, page: History, how: (known: Timeline | undefined) => Timeline | undefined) {
    this.people.need(page.messages.map((message) => message.sender));
    this.state.update((s) => {
      const next = how(s.timelines[room]);
      if (!next || !s.rooms[room]) return s;
      const events = this.meanwhile.get(room)?.events ?? [];
      return {
        ...s,
        timelines: { ...s.timelines, [room]: events.reduce(apply, next) },
        broken: without(s.broken, room),
      };
    });
  }

  private async once(what: 'latest' | 'around' | 'older' | 'newer', room: Id, work: () => Promise<void>) {
    const key = `${what}:${room}`;
    if (this.busy.has(key)) return;
    this.busy.add(key);
    const meanwhile = this.meanwhile.get(room) ?? { pages: 0, events: [] };
    meanwhile.pages += 1;
    this.meanwhile.set(room, meanwhile);
    try {
      await work();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      const opening = what === 'latest' || what === 'around';
      if (opening && !this.state.get().timelines[room]) {
        this.state.update((s) => ({ ...s, broken: { ...s.broken, [room]: true } }));
      }
    } finally {
      this.busy.delete(key);
      meanwhile.pages -= 1;
      if (meanwhile.pages === 0) this.meanwhile.delete(room);
    }
  }
}
