import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { User } from '../api/types';
import { useSay } from '../i18n';
import { nameOf, useApp, useChat } from './context';
import { Field } from './fields';
import { useAnnounced } from './notices';
import { Avatar, Icon } from './parts';

/** What was typed, once the fingers rest. */
export function useRested(text: string, ms = 250): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return rested;
}

interface Props {
  chosen: User[];
  onChange(users: User[]): void;
  /** Who cannot be chosen. */
  without?: readonly string[];
}

export function PeoplePicker({ chosen, onChange, without = [] }: Props) {
  const say = useSay();
  const { api } = useApp();
  const me = useChat((s) => s.me.id);
  const [text, setText] = useState('');
  const wanted = useRested(text.trim());
  const found = useQuery({
    queryKey: ['people', wanted],
    queryFn: ({ signal }) => api.findUsers(wanted, signal),
    enabled: wanted !== '',
    placeholderData: keepPreviousData,
  });
  const hidden = new Set([me, ...without, ...chosen.map((user) => user.id)]);
  const people = wanted === '' ? [] : (found.data?.items ?? []).filter((u) => !hidden.has(u.id));
  const none = wanted !== '' && found.isSuccess && people.length === 0 && !found.isFetching;
  useAnnounced(none ? say('noPeople') : '');
  return (
    <>
      {chosen.length > 0 && (
        <div className="chips" role="group" aria-label={say('chosen')}>
          {chosen.map((user) => (
            <button
              key={user.id}
              type="button"
              className="chip"
              aria-label={say('removeChosen', { name: nameOf(user, say) })}
              onClick={() => onChange(chosen.filter((each) => each.id !== user.id))}
            >
              {nameOf(user, say)}
              <Icon name="close" />
            </button>
          ))}
        </div>
      )}
      <Field label={say('findPeople')} hint={say('findHint')}>
        {(ids) => (
          <input
            {...ids}
            className="input"
            type="search"
            value={text}
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      {none && <p className="nothing">{say('noPeople')}</p>}
      {found.isError && (
        <p className="form-error" role="alert">
          {say('failed')}
        </p>
      )}
      <ul className="people">
        {people.map((user) => (
          <li key={user.id}>
            <button
              type="button"
              className="person"
              onClick={() => {
                onChange([...chosen, user]);
                setText('');
              }}
            >
              <Avatar name={user.display_name} id={user.id} />
              <span className="person-names">
                <b>{user.display_name}</b>
                <span>@{user.handle}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
