import type { Id } from '../api/types';
import type { ClientFrame } from './frames';
import type { People } from './people';
import { without, type ChatState } from './state';
import type { Store } from './store';

const kTypingEveryMs = 3000;
const kTypingLastsMs = 6000;
const kSweepMs = 1000;

/** What nobody misses when it is lost: who is writing, and who is there. */
export class Passing {
  private readonly typedAt = new Map<Id, number>();
  private readonly watched = new Set<Id>();
  private readonly sweep: ReturnType<typeof setInterval>;

  constructor(
    private readonly state: Store<ChatState>,
    private readonly people: People,
    private readonly send: (frame: ClientFrame) => boolean,
  ) {
    this.sweep = setInterval(() => this.forgetOld(), kSweepMs);
  }

  /** He writes; others are told every few seconds. */
  typing(room: Id): void {
    const now = Date.now();
    const before = this.typedAt.get(room) ?? 0;
    if (now - before < kTypingEveryMs && now >= before) return;
    if (this.send({ op: 'typing', room })) this.typedAt.set(room, now);
  }

  heardTyping(room: Id, user: Id): void {
    if (user === this.state.get().me.id) return;
    this.people.need([user]);
    this.state.update((s) => {
      const writing = { ...s.typing[room], [user]: Date.now() };
      return { ...s, typing: { ...s.typing, [room]: writing } };
    });
  }

  stopTyping(room: Id, user: Id): void {
    this.state.update((s) => {
      const writing = s.typing[room];
      if (!writing?.[user]) return s;
      return { ...s, typing: { ...s.typing, [room]: without(writing, user) } };
    });
  }

  heardPresence(user: Id, online: boolean): void {
    this.state.update((s) => ({ ...s, online: { ...s.online, [user]: online } }));
  }

  /** The room is on the screen: who of it is there? */
  watch(room: Id): void {
    this.watched.add(room);
    this.askAgain();
  }

  unwatch(room: Id): void {
    this.watched.delete(room);
  }

  /** On a new line everything is asked anew. */
  askAgain(): void {
    if (this.watched.size > 0) this.send({ op: 'presence', rooms: [...this.watched] });
  }

  get rooms(): Iterable<Id> {
    return this.watched;
  }

  close(): void {
    clearInterval(this.sweep);
  }

  private forgetOld(): void {
    const now = Date.now();
    for (const [room, writing] of Object.entries(this.state.get().typing)) {
      for (const [user, since] of Object.entries(writing)) {
        if (now - since > kTypingLastsMs || now < since) this.stopTyping(room, user);
      }
    }
  }
}
