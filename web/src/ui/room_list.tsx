import { getChoseong } from 'es-hangul';
import { memo, useEffect, useState } from 'react';
import { Link } from 'wouter';
import { sortEntries, unreadOf, type RoomEntry } from '../engine/room_list';
import { useSay } from '../i18n';
import { ago } from '../i18n/times';
import { nameOf, titleOf, useApp, useChat } from './context';
import { Avatar, Icon, Skeleton, Trouble } from './parts';
import { usePreferences } from './preferences';

/** The name contains it, or its initial consonants do (ㄷㄹㄱ finds 둘레길). */
export function matches(name: string, wanted: string): boolean {
  const needle = wanted.trim().toLowerCase();
  if (name.toLowerCase().includes(needle)) return true;
  return /^[ㄱ-ㅎ\s]+$/.test(needle) && getChoseong(name).includes(needle);
}

function Line({ entry }: { entry: RoomEntry }) {
  const say = useSay();
  const draft = useChat((s) => s.drafts[entry.room.id] ?? '');
  const people = useChat((s) => s.people);
  const me = useChat((s) => s.me.id);
  const last = entry.last_message;
  if (draft) {
    return (
      <span className="room-last">
        <b>{say('draft')}</b> {draft}
      </span>
    );
  }
  if (!last) return <span className="room-last" />;
  const from =
    last.sender === me
      ? `${say('you')}: `
      : entry.room.kind === 'group'
        ? `${nameOf(people[last.sender], say)}: `
        : '';
  return <span className="room-last">{from + (last.text ?? say('deleted'))}</span>;
}

const Row = memo(function Row({ entry, current }: { entry: RoomEntry; current: boolean }) {
  const say = useSay();
  const { language } = usePreferences();
  const people = useChat((s) => s.people);
  const title = titleOf(entry, people, say);
  const unread = unreadOf(entry);
  const at = entry.last_message?.created_at ?? entry.room.created_at;
  return (
    <li>
      <Link href={`/rooms/${entry.room.id}`} className="room" aria-current={current ? 'page' : undefined}>
        <Avatar name={title} id={entry.room.peer ?? entry.room.id} />
        <span className="room-main">
          <span className="room-top">
            <span className="room-name">{title}</span>
            {entry.room.kind === 'group' && (
              <span className="room-count">{say('memberCount', { count: entry.room.member_count })}</span>
            )}
          </span>
          {(entry.pinned || entry.muted) && (
            <span className="room-marks">
              {entry.pinned && (
                <span className="room-mark">
                  <Icon name="pin" />
                  {say('pinned')}
                </span>
              )}
              {entry.muted && (
                <span className="room-mark">
                  <Icon name="mute" />
                  {say('muted')}
                </span>
              )}
            </span>
          )}
          <Line entry={entry} />
        </span>
        <span className="room-side">
          <time className="room-time" dateTime={at}>
            {ago(new Date(at), new Date(), language)}
          </time>
          {unread > 0 && (
            <span className={entry.muted ? 'badge calm' : 'badge'}>
              <span aria-hidden="true">{unread > 999 ? '999+' : unread}</span>
              <span className="unseen">{say('unread', { count: unread })}</span>
            </span>
          )}
        </span>
      </Link>
    </li>
  );
});

/** Renders again once a minute, for the times in words. */
function useMinutes() {
  const [, turn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => turn((n) => n + 1), 60_000);
    return () => clearInterval(timer);
  }, []);
}

export function RoomList({ current }: { current: string | null }) {
  const say = useSay();
  const { chat } = useApp();
  const rooms = useChat((s) => s.rooms);
  const list = useChat((s) => s.list);
  const people = useChat((s) => s.people);
  const [wanted, setWanted] = useState('');
  useMinutes();
  const all = sortEntries(Object.values(rooms));
  const shown = wanted.trim() ? all.filter((e) => matches(titleOf(e, people, say), wanted)) : all;
  const total = all.reduce((sum, entry) => sum + (entry.muted ? 0 : unreadOf(entry)), 0);
  useEffect(() => {
    document.title = (total > 0 ? `(${total}) ` : '') + say('app');
  }, [total, say]);
  return (
    <nav className="rooms" aria-label={say('rooms')}>
      <header className="bar">
        <h1 className="bar-title">{say('rooms')}</h1>
        <Link href="/search" className="button quiet">
          <Icon name="search" />
          {say('search')}
        </Link>
        <Link href="/settings" className="button quiet">
          <Icon name="gear" />
          {say('settings')}
        </Link>
      </header>
      {all.length > 0 && (
        <div className="rooms-filter">
          <input
            className="input"
            type="search"
            aria-label={say('filterRooms')}
            placeholder={say('filterRooms')}
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
        </div>
      )}
      <div className="rooms-scroll">
        {list === 'loading' && <Skeleton rows={6} />}
        {list === 'failed' && <Trouble text={say('listFailed')} retry={() => void chat.loadList()} />}
        {list === 'ready' && all.length === 0 && (
          <div className="nothing">
            <p className="nothing-title">{say('noRooms')}</p>
            <p>{say('noRoomsHint')}</p>
          </div>
        )}
        {list === 'ready' && all.length > 0 && shown.length === 0 && (
          <p className="nothing">{say('noMatch')}</p>
        )}
        <ul className="room-list">
          {shown.map((entry) => (
            <Row key={entry.room.id} entry={entry} current={entry.room.id === current} />
          ))}
        </ul>
      </div>
      <div className="rooms-foot">
        <Link href="/new" className="button primary new-room">
          <Icon name="plus" />
          {say('newRoom')}
        </Link>
      </div>
    </nav>
  );
}
