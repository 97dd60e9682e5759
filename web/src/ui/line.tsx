import type { Member } from '../api/types';
import type { LineEvent } from '../engine/timeline';
import { useSay, type Word } from '../i18n';
import { nameOf, useChat } from './context';

const kBecame: Record<Member['role'], Word> = {
  owner: 'becameOwner',
  admin: 'becameAdmin',
  member: 'becameMember',
};

/** `since`: when he whom it is about joined for the last time, if he is a member. */
export function wordOf(event: LineEvent, since: number | undefined): Word {
  if (event.kind === 'room') return 'retitled';
  const self = event.actor === event.user;
  if (event.role === null) return self ? 'wentAway' : 'wasRemoved';
  // The log says the role alone. Whoever was there already was given another one.
  if (since !== undefined && since < event.seq) return kBecame[event.role];
  return self ? 'cameIn' : 'wasInvited';
}

/** Who came, went, was given a role; another name of the group. */
export function LineRow({ room, event }: { room: string; event: LineEvent }) {
  const say = useSay();
  const people = useChat((s) => s.people);
  const about = event.kind === 'member' ? event.user : '';
  const since = useChat((s) => s.members[room]?.find((m) => m.user.id === about)?.joined_seq);
  const values = {
    actor: nameOf(people[event.actor], say),
    name: nameOf(people[about], say),
    title: event.kind === 'room' ? (event.title ?? '') : '',
  };
  return <p className="line">{say(wordOf(event, since), values)}</p>;
}
