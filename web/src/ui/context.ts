import { createContext, useContext, useRef, useSyncExternalStore } from 'react';
import type { Api } from '../api/api';
import type { Id, User } from '../api/types';
import type { Chat } from '../engine/chat';
import type { ChatState } from '../engine/state';
import type { Say } from '../i18n';
import type { RoomEntry } from '../engine/room_list';

export interface App {
  chat: Chat;
  api: Api;
  logOut(): Promise<void>;
  /** The account is gone. */
  left(): void;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('outside of the app');
  return app;
}

/** A part of the state; renders again only when that part is another one. */
export function useChat<T>(select: (state: ChatState) => T): T {
  const { chat } = useApp();
  const last = useRef<{ state: ChatState; value: T } | null>(null);
  return useSyncExternalStore(chat.state.subscribe, () => {
    const state = chat.state.get();
    if (last.current?.state !== state) last.current = { state, value: select(state) };
    return last.current.value;
  });
}

export function nameOf(user: User | undefined, say: Say): string {
  if (!user) return say('someone');
  return user.deleted ? say('deletedUser') : user.display_name;
}

export function titleOf(entry: RoomEntry, people: Readonly<Record<Id, User>>, say: Say): string {
  if (entry.room.kind === 'group') return entry.room.title ?? '';
  return nameOf(people[entry.room.peer ?? ''], say);
}
