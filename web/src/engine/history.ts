import type { Api, HistoryQuery } from '../api/api';
import { ApiError } from '../api/http';
import type { Id, Message, RoomEvent } from '../api/types';
import { linesOf } from './lines';
import type { People } from './people';
import { without, type ChatState } from './state';
import type { Store } from './store';
import { addNewer, addOlder, apply, find, fromPage, merge, mergeLines, type LinedPage, type Timeline } from './timeline';

const kPage = 50;
/** Somebody who reads on and on gets larger pages. */
const kPageOnwards = 100;
/** So many events may happen while a page is on its way; after more of them it is asked for again. */
const kMostMeanwhile = 500;
const kMostTries = 3;
const kMostSingles = 500;

/** A page that was asked for, and what happened in its room since, which it may not know of. */
interface Underway {
  room: Id;
  events: RoomEvent[];
  /** More happened than is kept: the page is of no use. */
  spilled: boolean;
}

type What = 'latest' | 'around' | 'older' | 'newer';
type Fold = (known: Timeline | undefined, page: LinedPage) => Timeline | undefined;

/** Reads a room's history into its timeline, page by page, one request at a time per end. */
export class Histories {
  private readonly busy = new Set<string>();
  private readonly underway = new Set<Underway>();
  private readonly single = new Map<string, Promise<Message | undefined>>();

  constructor(
    private readonly api: Api,
    private readonly state: Store<ChatState>,
    private readonly people: People,
  ) {}

  /** Another event of a room's log, in order. */
  note(event: RoomEvent): void {
    for (const each of this.underway) {
      if (each.room !== event.room || each.spilled) continue;
      each.events.push(event);
      if (each.events.length <= kMostMeanwhile) continue;
      each.spilled = true;
      each.events = [];
    }
  }

  /** The end of the room, unless it is there already. */
  async openLatest(room: Id): Promise<void> {
    const known = this.state.get().timelines[room];
    if (known && !known.hasNewer) return;
    await this.reload(room);
  }

  /** The end of the room, anew. What arrived meanwhile stays. */
  async reload(room: Id): Promise<void> {
    await this.read('latest', room, { limit: kPage }, (known, page) => {
      const fresh = fromPage(page);
      if (!known || known.hasNewer) return fresh;
      // Only what follows the page without a hole.
      const last = page.messages[page.messages.length - 1]?.seq ?? 0;
      const messages = merge(fresh.messages, known.messages.filter((m) => m.seq > last));
      return { ...fresh, messages, lines: mergeLines(fresh.lines, known.lines.filter((l) => l.seq > last)) };
    });
  }

  /** Around a message, unless it is on the screen. */
  async openAround(room: Id, seq: number): Promise<void> {
    const known = this.state.get().timelines[room];
    if (known && find(known.messages, seq)) return;
    await this.read('around', room, { around: seq, limit: kPage }, (_known, page) => fromPage(page));
  }

  async older(room: Id): Promise<void> {
    const known = this.state.get().timelines[room];
    const first = known?.messages[0];
    if (!known?.hasOlder || !first) return;
    const limit = known.messages.length > kPage ? kPageOnwards : kPage;
    await this.read('older', room, { before: first.seq, limit }, (now, page) =>
      now?.messages[0]?.seq === first.seq ? addOlder(now, page) : now,
    );
  }

  async newer(room: Id): Promise<void> {
    const known = this.state.get().timelines[room];
    const last = known?.messages[known.messages.length - 1];
    if (!known?.hasNewer || !last) return;
    const limit = known.messages.length > kPage ? kPageOnwards : kPage;
    await this.read('newer', room, { after: last.seq, limit }, (now, page) =>
      now?.messages[now.messages.length - 1]?.seq === last.seq ? addNewer(now, page) : now,
    );
  }

  /** One message, for a quotation whose original is not on the screen. */
  one(room: Id, seq: number): Promise<Message | undefined> {
    const known = find(this.state.get().timelines[room]?.messages ?? [], seq);
    if (known) return Promise.resolve(known);
    const key = `${room}:${seq}`;
    let asked = this.single.get(key);
    if (!asked) {
      if (this.single.size >= kMostSingles) this.single.clear();
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

  private async read(what: What, room: Id, query: HistoryQuery, fold: Fold): Promise<void> {
    const key = `${what}:${room}`;
    if (this.busy.has(key)) return;
    this.busy.add(key);
    try {
      for (let i = 0; i < kMostTries; ++i) if (await this.tryToRead(room, query, fold)) return;
      this.broke(what, room);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      this.broke(what, room);
    } finally {
      this.busy.delete(key);
    }
  }

  /** False when too much happened meanwhile. */
  private async tryToRead(room: Id, query: HistoryQuery, fold: Fold): Promise<boolean> {
    const during: Underway = { room, events: [], spilled: false };
    this.underway.add(during);
    try {
      const page = await this.api.history(room, query);
      const entry = this.state.get().rooms[room];
      const lines = entry ? await linesOf(this.api, entry, query, page) : [];
      if (during.spilled) return false;
      this.people.need(page.messages.map((message) => message.sender));
      this.people.need(lines.flatMap((line) => ('user' in line ? [line.actor, line.user] : [line.actor])));
      this.state.update((s) => {
        const next = fold(s.timelines[room], { ...page, lines });
        if (!next || !s.rooms[room]) return s;
        const timeline = during.events.reduce(apply, next);
        const timelines = { ...s.timelines, [room]: timeline };
        return { ...s, timelines, broken: without(s.broken, room) };
      });
      return true;
    } finally {
      this.underway.delete(during);
    }
  }

  private broke(what: What, room: Id): void {
    const opening = what === 'latest' || what === 'around';
    if (!opening || this.state.get().timelines[room]) return;
    this.state.update((s) => ({ ...s, broken: { ...s.broken, [room]: true } }));
  }
}
