import { useInfiniteQuery } from '@tanstack/react-query';
import { Fragment, useEffect, useMemo, useState } from 'react';
import { Link, useSearch } from 'wouter';
import type { SearchHit } from '../api/types';
import { sortEntries } from '../engine/room_list';
import { useSay } from '../i18n';
import { ago } from '../i18n/times';
import { nameOf, titleOf, useApp, useChat } from './context';
import { Field } from './fields';
import { useAnnounced } from './notices';
import { Icon, Skeleton, Trouble } from './parts';
import { useRested } from './people_picker';
import { usePreferences } from './preferences';

const kAround = 60;
const kDay = 86_400_000;

/** The found parts marked, with a little text before the first one. Positions count code points. */
export function Marked({ text, highlights }: { text: string; highlights: readonly number[][] }) {
  const letters = [...text];
  const first = highlights[0]?.[0] ?? 0;
  const from = first > kAround ? first - kAround : 0;
  const parts = [];
  let at = from;
  for (const [start, length] of highlights) {
    if (start === undefined || length === undefined || start < at) continue;
    parts.push(<Fragment key={`t${at}`}>{letters.slice(at, start).join('')}</Fragment>);
    parts.push(<mark key={`m${start}`}>{letters.slice(start, start + length).join('')}</mark>);
    at = start + length;
  }
  parts.push(<Fragment key="rest">{letters.slice(at).join('')}</Fragment>);
  return (
    <>
      {from > 0 && '… '}
      {parts}
    </>
  );
}

function Hit({ hit }: { hit: SearchHit }) {
  const say = useSay();
  const { language } = usePreferences();
  const sender = useChat((s) => s.people[hit.message.sender]);
  const at = hit.message.created_at;
  return (
    <li>
      <Link href={`/rooms/${hit.room}?at=${hit.seq}`} className="hit">
        <span className="hit-top">
          <b>{nameOf(sender, say)}</b>
          <time dateTime={at}>{ago(new Date(at), new Date(), language)}</time>
        </span>
        <span className="hit-text">
          <Marked text={hit.message.text ?? ''} highlights={hit.highlights} />
        </span>
      </Link>
    </li>
  );
}

function useHits(query: { q: string; room: string; from: string; days: number }) {
  const { api, chat } = useApp();
  const since = useMemo(
    () => (query.days ? new Date(Date.now() - query.days * kDay).toISOString() : undefined),
    [query.days],
  );
  const found = useInfiniteQuery({
    queryKey: ['search', query],
    queryFn: ({ pageParam, signal }) =>
      api.search(
        {
          q: query.q,
          room: query.room || undefined,
          from: query.from || undefined,
          since,
          cursor: pageParam || undefined,
        },
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    enabled: query.q !== '',
  });
  const hits = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  useEffect(() => chat.people.need(hits.map((hit) => hit.message.sender)), [chat, hits]);
  return { found, hits };
}

interface Props {
  /** The room that is open beside it. */
  current: string | null;
  onClose(): void;
}

export default function Search({ current, onClose }: Props) {
  const say = useSay();
  const wished = new URLSearchParams(useSearch()).get('room');
  const rooms = useChat((s) => s.rooms);
  const people = useChat((s) => s.people);
  const members = useChat((s) => s.members);
  const [text, setText] = useState('');
  const [room, setRoom] = useState(wished ?? '');
  useEffect(() => {
    if (wished) setRoom(wished);
  }, [wished]);
  const [from, setFrom] = useState('');
  const [days, setDays] = useState(0);
  const q = useRested(text.trim(), 300);
  const { found, hits } = useHits({ q, room, from, days });
  const { chat } = useApp();
  useEffect(() => {
    if (room && !members[room]) void chat.people.loadMembers(room).catch(() => undefined);
  }, [chat, room, members]);

  const none = found.isSuccess && hits.length === 0;
  const partly = found.data?.pages.some((page) => page.unavailable) ?? false;
  useAnnounced(none ? say('noHits') : hits.length > 0 ? say('hits', { count: hits.length }) : '');
  const groups = new Map<string, SearchHit[]>();
  for (const hit of hits) groups.set(hit.room, [...(groups.get(hit.room) ?? []), hit]);
  const writers = room ? (members[room] ?? []).map((m) => m.user) : Object.values(people);
  const title = (id: string) => {
    const entry = rooms[id];
    return entry ? titleOf(entry, people, say) : '';
  };

  return (
    <section className="rooms search" aria-label={say('searchTitle')}>
      <header className="bar">
        <h1 className="bar-title">{say('searchTitle')}</h1>
        <Link href={current ? `/rooms/${current}` : '/'} className="button quiet" onClick={onClose}>
          <Icon name="close" />
          {say('close')}
        </Link>
      </header>
      <div className="search-body">
        <Field label={say('searchField')} hint={q === '' ? say('searchStart') : ''}>
          {(ids) => (
            <input
              {...ids}
              className="input"
              type="search"
              value={text}
              maxLength={200}
              // He came here to write this.
              ref={(element) => {
                if (element && !element.dataset['seen']) {
                  element.dataset['seen'] = 'yes';
                  element.focus();
                }
              }}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <div className="filters">
          <label>
            <span>{say('searchIn')}</span>
            <select
              className="input"
              value={room}
              onChange={(event) => {
                setRoom(event.target.value);
                setFrom('');
              }}
            >
              <option value="">{say('everywhere')}</option>
              {sortEntries(Object.values(rooms)).map((entry) => (
                <option key={entry.room.id} value={entry.room.id}>
                  {title(entry.room.id)}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span>{say('searchFrom')}</span>
            <select className="input" value={from} onChange={(event) => setFrom(event.target.value)}>
              <option value="">{say('anyone')}</option>
              {writers.map((user) => (
                <option key={user.id} value={user.id}>
                  {nameOf(user, say)}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span>{say('searchWhen')}</span>
            <select
              className="input"
              value={days}
              onChange={(event) => setDays(Number(event.target.value))}
            >
              <option value={0}>{say('anytime')}</option>
              <option value={7}>{say('week')}</option>
              <option value={30}>{say('month')}</option>
              <option value={365}>{say('year')}</option>
            </select>
          </label>
        </div>
        {found.isLoading && <Skeleton rows={4} />}
        {found.isError && <Trouble text={say('searchFailed')} retry={() => void found.refetch()} />}
        {partly && <Trouble text={say('searchPartly')} retry={() => void found.refetch()} />}
        {none && !partly && <p className="nothing">{say('noHits')}</p>}
        {[...groups].map(([id, list]) => (
          <section key={id} aria-label={title(id)}>
            <h2 className="section">{title(id)}</h2>
            <ul className="hits">
              {list.map((hit) => (
                <Hit key={`${hit.room}:${hit.seq}`} hit={hit} />
              ))}
            </ul>
          </section>
        ))}
        {found.hasNextPage && (
          <button type="button" className="button wide" onClick={() => void found.fetchNextPage()}>
            {say('moreHits')}
          </button>
        )}
      </div>
    </section>
  );
}
