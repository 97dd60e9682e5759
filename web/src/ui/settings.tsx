import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { ApiError } from '../api/http';
import { useSay } from '../i18n';
import { ago } from '../i18n/times';
import { useApp, useChat } from './context';
import { PasswordField, SavedField } from './fields';
import { tell } from './notices';
import { Choice, Sheet, Skeleton, Trouble } from './parts';
import { prefer, usePreferences } from './preferences';

function Look() {
  const say = useSay();
  const { size, theme, enter, list, language } = usePreferences();
  return (
    <>
      <Choice
        legend={say('textSize')}
        value={size}
        options={[
          [1, say('size1')],
          [2, say('size2')],
          [3, say('size3')],
          [4, say('size4')],
          [5, say('size5')],
        ]}
        onChange={(next) => prefer({ size: next })}
      />
      <p className="sample">{say('sample')}</p>
      <Choice
        legend={say('theme')}
        value={theme}
        options={[
          ['auto', say('auto')],
          ['light', say('light')],
          ['dark', say('dark')],
          ['contrast', say('contrast')],
        ]}
        onChange={(next) => prefer({ theme: next })}
      />
      <Language language={language} />
      <Choice
        legend={say('enterKey')}
        value={enter}
        options={[
          ['send', say('enterSends')],
          ['break', say('enterBreaks')],
        ]}
        onChange={(next) => prefer({ enter: next })}
      />
      <Choice
        legend={say('listMode')}
        value={list}
        options={[
          ['normal', say('listNormal')],
          ['simple', say('listSimple')],
        ]}
        onChange={(next) => prefer({ list: next })}
      />
    </>
  );
}

function Language({ language }: { language: 'ko' | 'en' }) {
  const say = useSay();
  const { api, chat } = useApp();
  const choose = (next: 'ko' | 'en') => {
    prefer({ language: next });
    // For what the server writes to him; this device goes by its own choice.
    api.changeMe({ locale: next }).then((me) => chat.setMe(me), () => undefined);
  };
  return (
    <Choice
      legend={say('language')}
      value={language}
      options={[
        ['ko', '한국어'],
        ['en', 'English'],
      ]}
      onChange={choose}
    />
  );
}

function Profile() {
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

function Password() {
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

function Devices() {
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
            <b>{session.device || 'Web'}</b>
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

function LogOut() {
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

function Erase() {
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

export default function Settings() {
  const say = useSay();
  const [, go] = useLocation();
  return (
    <Sheet title={say('settings')} onClose={() => go('/')}>
      <Look />
      <h3 className="section">{say('profile')}</h3>
      <Profile />
      <Password />
      <h3 className="section">{say('devices')}</h3>
      <Devices />
      <div className="section-end">
        <LogOut />
        <Erase />
      </div>
    </Sheet>
  );
}
