import { memo, useEffect, useState } from 'react';
import type { Message } from '../api/types';
import { leavingKey } from '../engine/state';
import type { OutboxItem } from '../engine/storage';
import { find } from '../engine/timeline';
import { useSay, type Word } from '../i18n';
import { clock } from '../i18n/times';
import { nameOf, useApp, useChat } from './context';
import { LinkedText } from './linked_text';
import { Avatar, Icon } from './parts';
import { usePreferences } from './preferences';

const kFoldAt = 600;
const kFoldLines = 12;

function isLong(text: string): boolean {
  return text.length > kFoldAt || text.split('\n').length > kFoldLines;
}

function Text({ text }: { text: string }) {
  const say = useSay();
  const [open, setOpen] = useState(false);
  if (!isLong(text)) {
    return (
      <p className="text">
        <LinkedText text={text} />
      </p>
    );
  }
  return (
    <>
      <p className={open ? 'text' : 'text folded'}>
        <LinkedText text={open ? text : text.slice(0, kFoldAt)} />
      </p>
      <button type="button" className="button small" onClick={() => setOpen(!open)}>
        {say(open ? 'less' : 'more')}
      </button>
    </>
  );
}

function Quote({ room, seq, onJump }: { room: string; seq: number; onJump(seq: number): void }) {
  const say = useSay();
  const { chat } = useApp();
  const [far, setFar] = useState<Message | undefined>();
  const near = useChat((s) => find(s.timelines[room]?.messages ?? [], seq));
  const people = useChat((s) => s.people);
  const missing = !near;
  useEffect(() => {
    if (!missing) return;
    void chat.histories.one(room, seq).then(setFar);
  }, [chat, room, seq, missing]);
  const message = near ?? far;
  return (
    <button type="button" className="quote" onClick={() => onJump(seq)}>
      <span className="unseen">{say('jumpTo')}: </span>
      <b>{message ? nameOf(people[message.sender], say) : '…'}</b>
      <span className="quote-text">{message ? (message.text ?? say('deleted')) : ''}</span>
    </button>
  );
}

function Reactions({ message }: { message: Message }) {
  const say = useSay();
  const { chat } = useApp();
  const me = useChat((s) => s.me.id);
  const all = Object.entries(message.reactions);
  if (all.length === 0) return null;
  return (
    <div className="reactions">
      {all.map(([emoji, users]) => (
        <button
          key={emoji}
          type="button"
          className="reaction"
          aria-pressed={users.includes(me)}
          aria-label={say('reactions', { emoji, count: users.length })}
          onClick={() => chat.changes.react(message.room, message.seq, emoji, !users.includes(me))}
        >
          {emoji} {users.length}
        </button>
      ))}
    </div>
  );
}

/** How many of the others have read it, if it is mine. */
function Receipt({ message }: { message: Message }) {
  const say = useSay();
  const group = useChat((s) => s.rooms[message.room]?.room.kind === 'group');
  const count = useChat((s) => {
    const reads = Object.entries(s.reads[message.room] ?? {});
    return reads.filter(([user, seq]) => user !== s.me.id && seq >= message.seq).length;
  });
  if (count === 0) return <span className="receipt">{say('sent')}</span>;
  return <span className="receipt">{group ? say('readBy', { count }) : say('read')}</span>;
}

export interface MessageRowProps {
  message: Message;
  first: boolean;
  last: boolean;
  /** It was jumped to. */
  marked: boolean;
  onMenu(message: Message): void;
  onJump(seq: number): void;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, first, last } = props;
  const say = useSay();
  const { language } = usePreferences();
  const mine = useChat((s) => s.me.id === message.sender);
  const sender = useChat((s) => s.people[message.sender]);
  const leaving = useChat((s) => s.leaving[leavingKey(message.room, message.seq)] ?? false);
  const name = nameOf(sender, say);
  const gone = message.deleted || leaving;
  const time = clock(new Date(message.created_at), language);
  return (
    <article
      className={`message ${mine ? 'mine' : 'theirs'} ${first ? 'first' : ''} ${props.marked ? 'marked' : ''}`}
      aria-label={`${mine ? say('you') : name}, ${time}`}
    >
      {!mine && first && <Avatar name={name} id={message.sender} />}
      <div className="message-main">
        {!mine && first && <p className="sender">{name}</p>}
        <div className="bubble-line">
          <div className={gone ? 'bubble gone' : 'bubble'}>
            {message.reply_to !== null && !gone && (
              <Quote room={message.room} seq={message.reply_to} onJump={props.onJump} />
            )}
            {gone ? <p className="text">{say('deleted')}</p> : <Text text={message.text ?? ''} />}
          </div>
          {!gone && (
            <button
              type="button"
              className="dots"
              aria-haspopup="dialog"
              title={say('menu')}
              aria-label={mine ? say('ownMessageMenu') : say('messageMenu', { name })}
              onClick={() => props.onMenu(message)}
            >
              <Icon name="dots" />
            </button>
          )}
        </div>
        {!gone && <Reactions message={message} />}
        {(last || message.edited_at !== null) && (
          <p className="meta">
            {last && <time dateTime={message.created_at}>{time}</time>}
            {message.edited_at !== null && !gone && <span>{say('edited')}</span>}
            {mine && last && !gone && <Receipt message={message} />}
          </p>
        )}
      </div>
    </article>
  );
});

const kReasons: Record<string, Word> = {
  forbidden: 'why_forbidden',
  not_found: 'why_not_found',
  invalid_request: 'why_invalid_request',
};

export function PendingRow({ item }: { item: OutboxItem }) {
  const say = useSay();
  const { chat } = useApp();
  const ready = useChat((s) => s.line === 'ready');
  const failed = item.state === 'failed';
  return (
    <article className="message mine first" aria-label={say('you')}>
      <div className="message-main">
        <div className="bubble-line">
          <div className={failed ? 'bubble failed' : 'bubble waiting'}>
            <Text text={item.text} />
          </div>
        </div>
        {failed ? (
          <div className="failed-line" role="alert">
            <p>
              <b>{say('notSent')}</b> {say(kReasons[item.code ?? ''] ?? 'why_other')}
            </p>
            <button type="button" className="button small" onClick={() => void chat.retry(item.cid)}>
              {say('resend')}
            </button>
            <button type="button" className="button small" onClick={() => void chat.discard(item.cid)}>
              {say('discard')}
            </button>
          </div>
        ) : (
          <p className="meta">{say(ready ? 'sending' : 'waitingToSend')}</p>
        )}
      </div>
    </article>
  );
}
