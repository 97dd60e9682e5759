import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { ApiError } from '../api/http';
import type { Member, User } from '../api/types';
import { useSay, type Word } from '../i18n';
import { copyText } from './composer';
import { nameOf, titleOf, useApp, useChat } from './context';
import { Field, SavedField } from './fields';
import { tell } from './notices';
import { Avatar, Sheet, Skeleton } from './parts';
import { PeoplePicker } from './people_picker';

function wordOf(failure: unknown): Word {
  if (!(failure instanceof ApiError)) return 'failed';
  if (failure.status === 0) return 'needsLine';
  return failure.code === 'forbidden' ? 'notAllowed' : 'failed';
}

/** Does something and says when it did not work. */
function useDeed(after?: () => void) {
  const say = useSay();
  return useMutation({
    mutationFn: (work: () => Promise<unknown>) => work(),
    onSuccess: () => after?.(),
    onError: (failure) => {
      tell(say(wordOf(failure)));
    },
  });
}

interface QuestionProps {
  text: string;
  yes: string;
  onYes(): void;
  onNo(): void;
}

/** Takes the focus to the answer that changes nothing. */
function Question({ text, yes, onYes, onNo }: QuestionProps) {
  const say = useSay();
  const no = useRef<HTMLButtonElement>(null);
  useEffect(() => no.current?.focus(), []);
  return (
    <div className="ask" role="alert">
      <p>{text}</p>
      <div className="ask-buttons">
        <button ref={no} type="button" className="button" onClick={onNo}>
          {say('cancel')}
        </button>
        <button type="button" className="button danger" onClick={onYes}>
          {yes}
        </button>
      </div>
    </div>
  );
}

function Ask({ text, yes, onYes }: { text: string; yes: string; onYes(): void }) {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button type="button" className="button wide danger" onClick={() => setAsking(true)}>
        {yes}
      </button>
    );
  }
  return <Question text={text} yes={yes} onYes={onYes} onNo={() => setAsking(false)} />;
}

function MemberLine({ room, member, onChange }: { room: string; member: Member; onChange(): void }) {
  const say = useSay();
  const { api } = useApp();
  const me = useChat((s) => s.me.id);
  const role = useChat((s) => s.rooms[room]?.room.role);
  const group = useChat((s) => s.rooms[room]?.room.kind === 'group');
  const deed = useDeed(onChange);
  const { user } = member;
  const other = user.id !== me;
  const removes = group && other && role !== 'member' && (role === 'owner' || member.role === 'member');
  const name = nameOf(user, say);
  const [asking, setAsking] = useState(false);
  if (asking) {
    return (
      <li>
        <Question
          text={say('removeAsk', { name })}
          yes={say('removeMember')}
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            deed.mutate(() => api.removeMember(room, user.id));
          }}
        />
      </li>
    );
  }
  return (
    <li className="member">
      <Avatar name={name} id={user.id} />
      <span className="person-names">
        <b>
          {name} {!other && `(${say('you')})`}
        </b>
        <span>{group && member.role !== 'member' ? say(member.role) : `@${user.handle}`}</span>
      </span>
      <span className="member-deeds">
        {group && other && role === 'owner' && member.role !== 'owner' && (
          <button
            type="button"
            className="button small"
            onClick={() =>
              deed.mutate(() =>
                api.setMember(room, user.id, member.role === 'admin' ? 'member' : 'admin'),
              )
            }
          >
            {say(member.role === 'admin' ? 'makeMember' : 'makeAdmin')}
          </button>
        )}
        {removes && (
          <button
            type="button"
            className="button small danger"
            aria-label={`${say('removeMember')}: ${name}`}
            onClick={() => setAsking(true)}
          >
            {say('removeMember')}
          </button>
        )}
      </span>
    </li>
  );
}

function Invite({ room }: { room: string }) {
  const say = useSay();
  const { api } = useApp();
  const [url, setUrl] = useState('');
  const deed = useDeed();
  if (!url) {
    const make = async () => setUrl((await api.invite(room)).url);
    return (
      <button type="button" className="button wide" onClick={() => deed.mutate(make)}>
        {say('inviteLink')}
      </button>
    );
  }
  return (
    <Field label={say('inviteLink')} hint={say('inviteReady')}>
      {(ids) => (
        <span className="input-line">
          <input {...ids} className="input" readOnly value={url} onFocus={(e) => e.target.select()} />
          <button type="button" className="button" onClick={() => void copyText(url, say('copied'))}>
            {say('copyLink')}
          </button>
        </span>
      )}
    </Field>
  );
}

function AddPeople({ room, members, onDone }: { room: string; members: Member[]; onDone(): void }) {
  const say = useSay();
  const { api } = useApp();
  const [chosen, setChosen] = useState<User[]>([]);
  const deed = useDeed(() => {
    setChosen([]);
    onDone();
  });
  const add = async () => {
    for (const user of chosen) await api.setMember(room, user.id);
  };
  return (
    <>
      <PeoplePicker chosen={chosen} onChange={setChosen} without={members.map((m) => m.user.id)} />
      {chosen.length > 0 && (
        <button type="button" className="button primary wide" onClick={() => deed.mutate(add)}>
          {say('addPeople')}
        </button>
      )}
    </>
  );
}

function Rename({ room, title }: { room: string; title: string }) {
  const say = useSay();
  const { api } = useApp();
  const [text, setText] = useState(title);
  const deed = useDeed(() => tell(say('saved')));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        deed.mutate(() => api.retitle(room, text.trim()));
      }}
    >
      <SavedField label={say('rename')} value={text} maxLength={100} required onChange={setText} />
    </form>
  );
}

function Block({ peer }: { peer: string }) {
  const say = useSay();
  const { api } = useApp();
  const blocks = useQuery({ queryKey: ['blocks'], queryFn: () => api.blocks() });
  const deed = useDeed(() => void blocks.refetch());
  if (!blocks.data) return null;
  if (blocks.data.items.some((user) => user.id === peer)) {
    return (
      <button
        type="button"
        className="button wide"
        onClick={() => deed.mutate(() => api.unblock(peer))}
      >
        {say('unblock')}
      </button>
    );
  }
  return (
    <Ask text={say('blockAsk')} yes={say('block')} onYes={() => deed.mutate(() => api.block(peer))} />
  );
}

export default function RoomInfo({ room }: { room: string }) {
  const say = useSay();
  const { chat } = useApp();
  const [, go] = useLocation();
  const entry = useChat((s) => s.rooms[room]);
  const people = useChat((s) => s.people);
  const members = useChat((s) => s.members[room]);
  const deed = useDeed();
  const leaving = useDeed(() => go('/', { replace: true }));
  const again = () => void chat.people.loadMembers(room);
  if (!entry) return null;
  const group = entry.room.kind === 'group';
  const leads = group && entry.room.role !== 'member';
  const prefer = (wish: { muted?: boolean; pinned?: boolean }) => () =>
    deed.mutate(() => chat.setPreferences(room, wish));
  return (
    <Sheet title={titleOf(entry, people, say)} onClose={() => go(`/rooms/${room}`)}>
      <div className="button-pair">
        <button type="button" className="button" onClick={prefer({ pinned: !entry.pinned })}>
          {say(entry.pinned ? 'unpin' : 'pin')}
        </button>
        <button type="button" className="button" onClick={prefer({ muted: !entry.muted })}>
          {say(entry.muted ? 'unmute' : 'mute')}
        </button>
      </div>
      <h3 className="section">{say('members')}</h3>
      {members ? (
        <ul className="people">
          {members.map((member) => (
            <MemberLine key={member.user.id} room={room} member={member} onChange={again} />
          ))}
        </ul>
      ) : (
        <Skeleton rows={3} />
      )}
      {leads && (
        <>
          <h3 className="section">{say('addPeople')}</h3>
          <AddPeople room={room} members={members ?? []} onDone={again} />
          <Invite room={room} />
          <Rename room={room} title={entry.room.title ?? ''} />
        </>
      )}
      <div className="section-end">
        {group ? (
          <Ask
            text={say('leaveAsk')}
            yes={say('leave')}
            onYes={() => leaving.mutate(() => chat.leaveRoom(room))}
          />
        ) : (
          entry.room.peer && <Block peer={entry.room.peer} />
        )}
      </div>
    </Sheet>
  );
}
