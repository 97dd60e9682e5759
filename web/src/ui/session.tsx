import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { Route, Switch, useLocation, useSearch } from 'wouter';
import type { OwnUser } from '../api/types';
import { Chat, type Notice } from '../engine/chat';
import { forget, openStorage, type Storage } from '../engine/storage';
import { openTabs } from '../engine/tabs';
import { say, useSay } from '../i18n';
import { AppContext, nameOf, useChat, type App } from './context';
import { Conversation } from './conversation';
import { announce, tell, useAnnounced } from './notices';
import { api } from './root';
import { RoomList } from './room_list';

const NewRoom = lazy(() => import('./new_room'));
const RoomInfo = lazy(() => import('./room_info'));
const Search = lazy(() => import('./search'));
const Settings = lazy(() => import('./settings'));
const Join = lazy(() => import('./join'));

/** Where the page is not safe (plain http in a local network) there is no randomUUID. */
function newCid(): string {
  if ('randomUUID' in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

function openSocket() {
  const url = new URL('/v1/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url, 'respring.v1');
}

function tellNotice(chat: Chat, notice: Notice): void {
  if (notice.kind === 'gone') tell(say('left', { title: notice.title }));
  if (notice.kind === 'refused') tell(say(notice.code === 'forbidden' ? 'notAllowed' : 'failed'));
  if (notice.kind === 'message') {
    const name = nameOf(chat.state.get().people[notice.sender], say);
    announce(say('newFrom', { name, text: notice.text.slice(0, 200) }));
  }
}

function makeChat(me: OwnUser, storage: Storage, onEnd: () => void): Chat {
  const chat: Chat = new Chat({
    me,
    api,
    storage,
    openSocket: () => openSocket() as never,
    openTabs: (hooks) => openTabs(`respring-${me.id}`, hooks),
    newCid,
    onSessionEnd: onEnd,
    onNotice: (notice) => tellNotice(chat, notice),
  });
  return chat;
}

/** The engine lives as long as the session. */
function useEngine(me: OwnUser, onOut: (ended: boolean) => void): Chat | null {
  const [chat, setChat] = useState<Chat | null>(null);
  useEffect(() => {
    let made: Chat | null = null;
    let over = false;
    void openStorage(me.id).then((storage) => {
      if (over) return storage.close();
      made = makeChat(me, storage, () => {
        // What was not sent stays for when he is back: only a log-out of his own removes it.
        if (!over) onOut(true);
      });
      setChat(made);
      void made.start();
    });
    const wake = () => document.visibilityState === 'visible' && made?.wake();
    const hide = () => made?.changes.flush();
    addEventListener('online', wake);
    addEventListener('pageshow', wake);
    addEventListener('pagehide', hide);
    document.addEventListener('visibilitychange', wake);
    return () => {
      over = true;
      removeEventListener('online', wake);
      removeEventListener('pageshow', wake);
      removeEventListener('pagehide', hide);
      document.removeEventListener('visibilitychange', wake);
      made?.close();
    };
    // A session is one user's for its whole life.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return chat;
}

export function Session({ me, onOut }: { me: OwnUser; onOut(ended: boolean): void }) {
  const chat = useEngine(me, onOut);
  const queries = useMemo(
    () => new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 10_000 } } }),
    [],
  );
  const app = useMemo<App | null>(() => {
    if (!chat) return null;
    const left = () => {
      chat.sayGoodbye();
      chat.close();
      void forget({ user: me.id });
      history.replaceState(null, '', '/');
      onOut(false);
    };
    return {
      chat,
      api,
      left,
      logOut: async () => {
        await api.endSession('current');
        left();
      },
    };
  }, [chat, me.id, onOut]);
  if (!app) return null;
  return (
    <AppContext.Provider value={app}>
      <QueryClientProvider client={queries}>
        <Screens />
      </QueryClientProvider>
    </AppContext.Provider>
  );
}

function roomIn(path: string): string | null {
  return /^\/rooms\/(\d+)/.exec(path)?.[1] ?? null;
}

/** What was found stays in the left column while the conversations are read that it leads to. */
function useSearching(path: string): { close(): void } | null {
  const [on, setOn] = useState(false);
  const search = path === '/search';
  const elsewhere = !search && roomIn(path) === null;
  useEffect(() => {
    if (search) setOn(true);
    if (elsewhere) setOn(false);
  }, [search, elsewhere]);
  return search || (on && !elsewhere) ? { close: () => setOn(false) } : null;
}

function Screens() {
  const say = useSay();
  const [path, go] = useLocation();
  const wished = new URLSearchParams(useSearch()).get('room');
  const room = roomIn(path) ?? (path === '/search' ? wished : null);
  const known = useChat((s) => (room ? s.rooms[room] !== undefined : true));
  const loaded = useChat((s) => s.list === 'ready');
  useEffect(() => {
    if (room && loaded && !known) {
      // Just opened, perhaps: the list follows in a moment.
      const timer = setTimeout(() => go('/'), 3000);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [room, loaded, known, go]);
  const searching = useSearching(path);
  return (
    <div className={`shell ${roomIn(path) ? 'in-room' : ''}`}>
      <OfflineBanner />
      <main className="columns">
        {searching ? (
          <Suspense fallback={null}>
            <Search current={room} onClose={searching.close} />
          </Suspense>
        ) : (
          <RoomList current={room} />
        )}
        <div className="pane">
          {room && known ? (
            <Conversation key={room} room={room} back={searching ? '/search' : '/'} />
          ) : (
            <p className="pick">{say(room ? 'loading' : 'pick')}</p>
          )}
        </div>
      </main>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/new" component={NewRoom} />
          <Route path="/settings" component={Settings} />
          <Route path="/rooms/:room/info">{(p) => known && <RoomInfo room={p.room} />}</Route>
          <Route path="/join/:code">{(p) => <Join code={p.code} />}</Route>
        </Switch>
      </Suspense>
    </div>
  );
}

/** Two seconds without a line are nothing to speak of. */
function OfflineBanner() {
  const say = useSay();
  const line = useChat((s) => s.line);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (line === 'ready') {
      setShown(false);
      return undefined;
    }
    const timer = setTimeout(() => setShown(true), 2000);
    return () => clearTimeout(timer);
  }, [line]);
  const was = useRef(false);
  useAnnounced(shown ? say('offline') : was.current ? say('backOnline') : '');
  was.current ||= shown;
  if (!shown) return null;
  return (
    <p className="offline">
      {say('offline')} {line === 'connecting' && say('reconnecting')}
    </p>
  );
}
