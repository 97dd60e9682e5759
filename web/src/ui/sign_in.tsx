import { useEffect, useRef, useState, type FormEvent } from 'react';
import { ApiError } from '../api/http';
import { useSay, type Word } from '../i18n';
import { deviceName } from './device';
import { Field, PasswordField } from './fields';
import { Choice } from './parts';
import { prefer, usePreferences } from './preferences';
import { api } from './root';

interface Wrong {
  form?: Word;
  handle?: Word;
  name?: Word;
  password?: Word;
}

function wrongOf(failure: unknown): Wrong {
  if (!(failure instanceof ApiError)) throw failure;
  if (failure.status === 401) return { form: 'wrongLogin' };
  if (failure.status === 429 || failure.status === 503) return { form: 'tooOften' };
  if (failure.code === 'conflict') return { handle: 'handleTaken' };
  if (failure.status !== 400) return { form: 'noServer' };
  const { fields } = failure;
  const wrong: Wrong = {};
  if (fields['handle']) wrong.handle = 'handleBad';
  if (fields['display_name']) wrong.name = 'nameBad';
  if (fields['password']) wrong.password = 'passwordBad';
  return Object.keys(wrong).length > 0 ? wrong : { form: 'noServer' };
}

export function SignIn({ ended, onDone }: { ended: boolean; onDone(): void }) {
  const say = useSay();
  const { language } = usePreferences();
  const [isNew, setNew] = useState(false);
  const [handle, setHandle] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [wrong, setWrong] = useState<Wrong>(ended ? { form: 'sessionOver' } : {});
  const [busy, setBusy] = useState(false);
  const told = (word: Word | undefined) => (word ? say(word) : undefined);

  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [wrong]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setWrong({});
    try {
      const id = handle.trim().toLowerCase();
      if (isNew) await api.register({ handle: id, display_name: name.trim(), password });
      await api.logIn({ handle: id, password, device: deviceName(navigator.userAgent) });
      onDone();
    } catch (failure) {
      setWrong(wrongOf(failure));
      setBusy(false);
    }
  };

  return (
    <main className="page-narrow">
      <h1 className="wordmark">{say('app')}</h1>
      <p className="lead">{say('welcome')}</p>
      <form ref={form} className="card" onSubmit={(event) => void submit(event)} noValidate>
        <h2>{say(isNew ? 'signupTitle' : 'login')}</h2>
        {wrong.form && (
          <p className="form-error" role="alert">
            {say(wrong.form)}
          </p>
        )}
        <Field label={say('handle')} hint={isNew ? say('handleHint') : undefined} error={told(wrong.handle)}>
          {(ids) => (
            <input
              {...ids}
              className="input"
              value={handle}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              onChange={(event) => setHandle(event.target.value)}
            />
          )}
        </Field>
        {isNew && (
          <Field label={say('name')} hint={say('nameHint')} error={told(wrong.name)}>
            {(ids) => (
              <input
                {...ids}
                className="input"
                value={name}
                autoComplete="name"
                required
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        )}
        <PasswordField
          label={say('password')}
          hint={isNew ? say('passwordHint') : undefined}
          error={told(wrong.password)}
          kind={isNew ? 'new' : 'current'}
          shown={shown}
          required
          value={password}
          onChange={setPassword}
        />
        <label className="check">
          <input type="checkbox" checked={shown} onChange={() => setShown(!shown)} />
          <span>{say('showPassword')}</span>
        </label>
        <button type="submit" className="button primary wide" disabled={busy}>
          {say(isNew ? 'join' : 'login')}
        </button>
        <button
          type="button"
          className="button wide"
          onClick={() => {
            setNew(!isNew);
            setWrong({});
          }}
        >
          {say(isNew ? 'toLogin' : 'signup')}
        </button>
      </form>
      <Choice
        legend={say('language')}
        value={language}
        options={[
          ['ko', '한국어'],
          ['en', 'English'],
        ]}
        onChange={(next) => prefer({ language: next })}
      />
    </main>
  );
}
