import type { Api } from '../api/api';
import type { Id, Member, User } from '../api/types';
import type { ChatState } from './state';
import type { Store } from './store';

const kMostPages = 10;

/** Whose names the screens need: members of open rooms, and whoever wrote something. */
export class People {
  private readonly asked = new Set<Id>();

  constructor(
    private readonly api: Api,
    private readonly state: Store<ChatState>,
  ) {}

  know(users: readonly User[]): void {
    if (users.length === 0) return;
    const fresh = Object.fromEntries(users.map((user) => [user.id, user]));
    this.state.update((s) => ({ ...s, people: { ...s.people, ...fresh } }));
  }

  /** Asks for everybody of these who is not known yet. */
  need(ids: Iterable<Id>): void {
    for (const id of new Set(ids)) {
      if (this.state.get().people[id] || this.asked.has(id)) continue;
      this.asked.add(id);
      this.api.user(id).then(
        (user) => this.know([user]),
        () => this.asked.delete(id),
      );
    }
  }

  async loadMembers(room: Id): Promise<Member[]> {
    const members: Member[] = [];
    let cursor: string | undefined;
    for (let i = 0; i < kMostPages; ++i) {
      const page = await this.api.members(room, cursor);
      members.push(...page.items);
      cursor = page.next_cursor;
      if (!cursor) break;
    }
    this.know(members.map((member) => member.user));
    this.state.update((s) => ({ ...s, members: { ...s.members, [room]: members } }));
    this.noteReads(room, members);
    return members;
  }

  /** How far somebody has read; it never moves back. */
  read(room: Id, user: Id, seq: number): void {
    this.state.update((s) => {
      const known = s.reads[room] ?? {};
      if ((known[user] ?? 0) >= seq) return s;
      return { ...s, reads: { ...s.reads, [room]: { ...known, [user]: seq } } };
    });
  }

  private noteReads(room: Id, members: readonly Member[]): void {
    for (const member of members) this.read(room, member.user.id, member.read_seq ?? 0);
  }
}
