import { useState } from 'react';
import { useLocation } from 'wouter';
import { ApiError } from '../api/http';
import type { User } from '../api/types';
import { useSay } from '../i18n';
import { useApp } from './context';
import { Field } from './fields';
import { Sheet } from './parts';
import { PeoplePicker } from './people_picker';

export default function NewRoom() {
  const say = useSay();
  const { api, chat } = useApp();
  const [, go] = useLocation();
  const [chosen, setChosen] = useState<User[]>([]);
  const [title, setTitle] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const group = chosen.length > 1;

  const start = async () => {
    const [first] = chosen;
    if (!first) {
      setWrong(say('chooseSomeone'));
      return;
    }
    setBusy(true);
    setWrong('');
    try {
      const names = chosen.map((user) => user.display_name).join(', ');
      const ids = chosen.map((user) => user.id);
      const room = group
        ? await api.openGroup(title.trim() || [...names].slice(0, 100).join(''), ids)
        : await api.openDirect(first.id);
      await chat.loadList();
      go(`/rooms/${room.id}`, { replace: true });
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setWrong(say(failure.code === 'forbidden' ? 'notAllowed' : 'failed'));
      setBusy(false);
    }
  };

  return (
    <Sheet title={say('newRoomTitle')} onClose={() => go('/')}>
      <form
        className="sheet-form"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <PeoplePicker chosen={chosen} onChange={setChosen} />
        {group && (
          <Field label={say('groupName')} hint={say('groupNameHint')}>
            {(ids) => (
              <input
                {...ids}
                className="input"
                value={title}
                maxLength={100}
                onChange={(event) => setTitle(event.target.value)}
              />
            )}
          </Field>
        )}
        {wrong && (
          <p className="form-error" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" className="button primary wide" disabled={busy}>
          {say('start')}
        </button>
      </form>
    </Sheet>
  );
}
