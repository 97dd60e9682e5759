import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { ApiError } from '../api/http';
import { useSay } from '../i18n';
import { ago } from '../i18n/times';
import { useApp, useChat } from './context';
import { deviceWords } from './device';
import { PasswordField, SavedField } from './fields';
import { tell } from './notices';
import { Skeleton, Trouble } from './parts';
import { usePreferences } from './preferences';

export function Profile() {
  const say = useSay();
  const { api, chat } = useApp();
  const me = useChat((s) => s.me);
  const [name, setName] = useState(me.display_name);
  const [wrong, setWrong] = useState('');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setWrong('');
    try {
      chat.setMe(await api.changeMe({ display_name: name.trim() }));
      tell(say('saved'));
    } catch (failure) {
      const bad = failure instanceof ApiError && failure.status === 400;
      setWrong(say(bad ? 'nameBad' : 'failed'));
    }
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      <SavedField
        label={say('name')}
        hint={`@${me.handle}`}
        error={wrong || undefined}
        value={name}
        autoComplete="name"
        onChange={setName}
      />
    </form>
  );
}

export function Password() {
  const say = useSay();
  const { api } = useApp();
  const [open, setOpen] = useState(false);
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const [wrong, setWrong] = useState('');
  if (!open) {
    return (
      <button type="button" className="button wide" onClick={() => setOpen(true)}>
        {say('changePassword')}
      </button>
    );
  }
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setWrong('');
    try {
      await api.changeMe({ password: fresh, current_password: old });
      setOpen(false);
      setOld('');
      setFresh('');
      tell(say('passwordChanged'));
    } catch (failure) {
      const { status = 0, fields = {} } = failure instanceof ApiError ? failure : {};
      if (fields['password']) setWrong(say('passwordBad'));
      else setWrong(say(status === 400 || status === 401 || status === 403 ? 'wrongLogin' : 'failed'));
    }
  };
  return (
    <form className="sheet-form" onSubmit={(event) => void save(event)}>
      <PasswordField label={say('currentPassword')} error={wrong || undefined} value={old} onChange={setOld} />
      <PasswordField
        label={say('newPassword')}
        hint={say('passwordHint')}
        kind="new"
        value={fresh}
        onChange={setFresh}
      />
      <button type="submit" className="button primary wide">
        {say('save')}
      </button>
    </form>
  );
}

export function Devices() {
  const say = useSay();
  const { api } = useApp();
  const { language } = usePreferences();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => api.sessions() });
  if (sessions.isError) return <Trouble text={say('failed')} retry={() => void sessions.refetch()} />;
  if (!sessions.data) return <Skeleton rows={2} />;
  const end = (id: string) =>
    void api.endSession(id).then(
      () => sessions.refetch(),
      () => tell(say('failed')),
    );
  return (
    <ul className="people">
      {sessions.data.items.map((session) => (
        <li key={session.id} className="member">
          <span className="person-names">
            <b>{deviceWords(session.device, language)}</b>
            <span>
              {session.current
                ? say('thisDevice')
                : say('lastUsed', { when: ago(new Date(session.last_used_at), new Date(), language) })}
            </span>
          </span>
          {!session.current && (
            <button type="button" className="button small" onClick={() => end(session.id)}>
              {say('endSession')}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Everything the service holds about him, as the browser saves any file. */
export function Export() {
  const say = useSay();
  return (
    <div className="field">
      <a className="button wide" href="/v1/users/me/export" download="respring.jsonl" aria-describedby="export-told">
        {say('export')}
      </a>
      <p id="export-told" className="field-hint">
        {say('exportHint')}
      </p>
    </div>
  );
}

export function LogOut() {
  const say = useSay();
  const { logOut } = useApp();
  const waiting = useChat((s) => Object.values(s.pending).reduce((sum, each) => sum + each.length, 0));
  const [asked, setAsked] = useState(false);
  const go = () => void logOut().catch(() => tell(say('failed')));
  return (
    <>
      {asked && (
        <p className="form-error" role="alert">
          {say('logoutPending', { count: waiting })}
        </p>
      )}
      <button
        type="button"
        className="button wide"
        onClick={() => (waiting > 0 && !asked ? setAsked(true) : go())}
      >
        {say(asked ? 'logoutAnyway' : 'logout')}
      </button>
    </>
  );
}

export function Erase() {
  const say = useSay();
  const { api, left } = useApp();
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState('');
  const [messages, setMessages] = useState(false);
  const [wrong, setWrong] = useState('');
  if (!open) {
    return (
      <button type="button" className="button wide danger" onClick={() => setOpen(true)}>
        {say('eraseAccount')}
      </button>
    );
  }
  const erase = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await api.eraseMe({ password, messages: messages ? 'delete' : 'keep' });
      left();
    } catch (failure) {
      const known = failure instanceof ApiError && failure.status > 0 && failure.status < 500;
      setWrong(say(known ? 'wrongLogin' : 'failed'));
    }
  };
  return (
    <form className="sheet-form ask" onSubmit={(event) => void erase(event)}>
      <PasswordField
        label={say('password')}
        hint={say('eraseAsk')}
        error={wrong || undefined}
        value={password}
        onChange={setPassword}
      />
      <label className="check">
        <input type="checkbox" checked={messages} onChange={() => setMessages(!messages)} />
        <span>{say('eraseMessages')}</span>
      </label>
      <div className="ask-buttons">
        <button type="button" className="button" onClick={() => setOpen(false)}>
          {say('cancel')}
        </button>
        <button type="submit" className="button danger">
          {say('eraseYes')}
        </button>
      </div>
    </form>
  );
}
