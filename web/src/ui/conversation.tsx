import { useCallback, useEffect, useRef, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import type { Message } from '../api/types';
import { find } from '../engine/timeline';
import { useSay } from '../i18n';
import { Composer, copyText } from './composer';
import { nameOf, titleOf, useApp, useChat } from './context';
import { MessageList } from './message_list';
import { tell } from './notices';
import { Icon, Sheet, Skeleton, Trouble } from './parts';

const kReactions = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

function Head({ room, back }: { room: string; back: string }) {
  const say = useSay();
  const entry = useChat((s) => s.rooms[room]);
  const people = useChat((s) => s.people);
  const online = useChat((s) => s.online[entry?.room.peer ?? ''] ?? false);
  if (!entry) return null;
  const group = entry.room.kind === 'group';
  return (
    <header className="bar">
      <Link href={back} className="button quiet back" aria-label={say('back')}>
        <Icon name="back" />
      </Link>
      <div className="bar-names">
        <h1 className="bar-title">{titleOf(entry, people, say)}</h1>
        <p className="bar-quiet">
          {group && say('memberCount', { count: entry.room.member_count })}
          {!group && online && <span className="online">{say('online')}</span>}
        </p>
      </div>
      <Link href={`/search?room=${room}`} className="button quiet">
        <Icon name="search" />
        {say('search')}
      </Link>
      <Link href={`/rooms/${room}/info`} className="button quiet menu" title={say('menu')}>
        <Icon name="dots" />
        {say('menu')}
      </Link>
    </header>
  );
}

function Typing({ room }: { room: string }) {
  const say = useSay();
  const writing = useChat((s) => s.typing[room]);
  const people = useChat((s) => s.people);
  const who = Object.keys(writing ?? {});
  const one = who[0];
  return (
    <p className="typing">
      {who.length > 1 && say('typingMany', { count: who.length })}
      {who.length === 1 && one && say('typing', { name: nameOf(people[one], say) })}
    </p>
  );
}

interface MenuProps {
  message: Message;
  onClose(): void;
  onReply(): void;
  onEdit(): void;
}

function MessageMenu({ message, onClose, onReply, onEdit }: MenuProps) {
  const say = useSay();
  const { chat } = useApp();
  const me = useChat((s) => s.me.id);
  const people = useChat((s) => s.people);
  const room = useChat((s) => s.rooms[message.room]?.room);
  const mine = message.sender === me;
  const moderates = room?.kind === 'group' && room.role !== 'member';
  const close = (work: () => void) => () => {
    onClose();
    work();
  };
  const remove = () => {
    chat.changes.deleteSoon(message.room, message.seq);
    tell(say('deletedNow'), {
      label: say('undo'),
      run: () => chat.changes.undelete(message.room, message.seq),
    });
  };
  const react = (emoji: string) => {
    const on = !(message.reactions[emoji] ?? []).includes(me);
    if (!chat.changes.react(message.room, message.seq, emoji, on)) tell(say('needsLine'));
  };
  return (
    <Sheet kind="menu" title={say('menu')} onClose={onClose}>
      <p className="menu-about">
        <b>{nameOf(people[message.sender], say)}</b> {message.text}
      </p>
      <div className="emoji-row" role="group" aria-label={say('react')}>
        {kReactions.map((emoji) => (
          <button
            key={emoji}
            type="button"
            className="emoji"
            aria-pressed={(message.reactions[emoji] ?? []).includes(me)}
            onClick={close(() => react(emoji))}
          >
            {emoji}
          </button>
        ))}
      </div>
      <div className="menu-list">
        <button type="button" className="menu-item" onClick={close(onReply)}>
          {say('reply')}
        </button>
        <button
          type="button"
          className="menu-item"
          onClick={close(() => void copyText(message.text ?? '', say('copied')))}
        >
          {say('copy')}
        </button>
        {mine && (
          <button type="button" className="menu-item" onClick={close(onEdit)}>
            {say('edit')}
          </button>
        )}
        {(mine || moderates) && (
          <button type="button" className="menu-item danger" onClick={close(remove)}>
            {say('delete')}
          </button>
        )}
      </div>
    </Sheet>
  );
}

interface Props {
  room: string;
  /** Where a phone goes back to. */
  back: string;
}

export function Conversation({ room, back }: Props) {
  const say = useSay();
  const { chat } = useApp();
  const [, go] = useLocation();
  const at = Number(new URLSearchParams(useSearch()).get('at')) || 0;
  const timeline = useChat((s) => s.timelines[room]);
  const broken = useChat((s) => s.broken[room] ?? false);
  const [menu, setMenu] = useState<Message | null>(null);
  const [replying, setReplying] = useState<Message | null>(null);
  const [editing, setEditing] = useState<Message | null>(null);
  const wishes = useRef(0);
  const [target, setTarget] = useState<{ seq: number; wish: number } | null>(null);

  useEffect(() => {
    chat.openRoom(room, at || undefined);
    if (at) setTarget({ seq: at, wish: ++wishes.current });
    return () => chat.leaveScreen(room);
  }, [chat, room, at]);

  const jump = useCallback(
    (seq: number) => {
      chat.openRoom(room, seq);
      setTarget({ seq, wish: ++wishes.current });
    },
    [chat, room],
  );
  const done = useCallback(() => {
    setReplying(null);
    setEditing(null);
  }, []);
  const editLast = () => {
    const { me, timelines } = chat.state.get();
    const own = timelines[room]?.messages.filter((m) => m.sender === me.id && !m.deleted) ?? [];
    const last = own[own.length - 1];
    if (last) setEditing(last);
  };
  // A link to a message waits for it, once; afterwards the reader goes where he likes.
  const reached = useRef(0);
  const there = target && timeline && find(timeline.messages, target.seq);
  if (there) reached.current = target.wish;
  const ready = timeline && (!at || (target !== null && reached.current === target.wish));
  return (
    <section className="conversation">
      <Head room={room} back={back} />
      {ready ? (
        <MessageList
          room={room}
          timeline={timeline}
          target={target}
          onMenu={setMenu}
          onJump={jump}
        />
      ) : broken ? (
        <Trouble text={say('historyFailed')} retry={() => chat.openRoom(room, at || undefined)} />
      ) : (
        <div className="messages-frame">
          <Skeleton rows={6} />
        </div>
      )}
      <Typing room={room} />
      <Composer
        room={room}
        replying={replying}
        editing={editing}
        onDone={done}
        onEditLast={editLast}
      />
      {menu && (
        <MessageMenu
          message={menu}
          onClose={() => setMenu(null)}
          onReply={() => {
            setEditing(null);
            setReplying(menu);
            if (at) go(`/rooms/${room}`, { replace: true });
          }}
          onEdit={() => {
            setReplying(null);
            setEditing(menu);
          }}
        />
      )}
    </section>
  );
}
