import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { makeApi } from '../api/api';
import { ApiError, httpCall } from '../api/http';
import type { OwnUser } from '../api/types';
import { forget } from '../engine/storage';
import { useSay } from '../i18n';
import { Skeleton, Trouble } from './parts';
import { preferences } from './preferences';
import { Session } from './session';
import { SignIn } from './sign_in';

export const api = makeApi(httpCall(() => preferences.get().language));

/** Nobody has to press anything for the server to be found again. */
const kAskAgainMs = 5000;

const Gallery = lazy(() => import('./gallery'));

type Standing =
  | { kind: 'asking' }
  | { kind: 'unreachable' }
  | { kind: 'out'; ended: boolean }
  | { kind: 'in'; me: OwnUser };

/** Who is here: nobody yet, or somebody with his session. */
export function Root() {
  const say = useSay();
  const [standing, setStanding] = useState<Standing>({ kind: 'asking' });

  const ask = useCallback(async () => {
    try {
      const me = await api.me();
      void forget({ allBut: me.id });
      setStanding({ kind: 'in', me });
    } catch (failure) {
      const out = failure instanceof ApiError && failure.status === 401;
      setStanding(out ? { kind: 'out', ended: false } : { kind: 'unreachable' });
    }
  }, []);

  const askAloud = () => {
    setStanding({ kind: 'asking' });
    void ask();
  };

  useEffect(() => void ask(), [ask]);
  useEffect(() => {
    if (standing.kind !== 'unreachable') return undefined;
    const again = () => void ask();
    const timer = setInterval(again, kAskAgainMs);
    addEventListener('online', again);
    return () => {
      clearInterval(timer);
      removeEventListener('online', again);
    };
  }, [standing.kind, ask]);

  if (location.pathname === '/gallery') {
    return (
      <Suspense fallback={<Skeleton />}>
        <Gallery />
      </Suspense>
    );
  }
  switch (standing.kind) {
    case 'asking':
      return (
        <main className="page-narrow">
          <Skeleton />
        </main>
      );
    case 'unreachable':
      return (
        <main className="page-narrow">
          <h1 className="wordmark">{say('app')}</h1>
          <Trouble text={say('noServer')} retry={askAloud} />
        </main>
      );
    case 'out':
      return <SignIn ended={standing.ended} onDone={askAloud} />;
    case 'in':
      return (
        <Session
          key={standing.me.id}
          me={standing.me}
          onOut={(ended) => setStanding({ kind: 'out', ended })}
        />
      );
  }
}
