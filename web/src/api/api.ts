import type { Ask, Call } from './http';
import type {
  History,
  Id,
  Invite,
  Log,
  LoggedIn,
  Member,
  Message,
  OwnUser,
  Page,
  Role,
  Room,
  RoomListEntry,
  SearchHit,
  Session,
  User,
} from './types';

export interface HistoryQuery {
  before?: number;
  after?: number;
  around?: number;
  limit?: number;
}

export interface SearchQuery {
  q: string;
  room?: Id | undefined;
  from?: Id | undefined;
  since?: string | undefined;
  until?: string | undefined;
  cursor?: string | undefined;
}

/** Every call of the HTTP API that the client makes, by name. */
export function makeApi(call: Call) {
  const at = (room: Id) => `/v1/rooms/${room}`;
  return {
    register: (body: { handle: string; display_name: string; password: string }) =>
      call<User>('POST', '/v1/users', { body }),
    logIn: (body: { handle: string; password: string; device: string }) =>
      call<LoggedIn>('POST', '/v1/sessions', { body }),
    me: () => call<OwnUser>('GET', '/v1/users/me'),
    changeMe: (body: {
      display_name?: string;
      locale?: 'ko' | 'en';
      password?: string;
      current_password?: string;
    }) => call<OwnUser>('PATCH', '/v1/users/me', { body }),
    eraseMe: (body: { password: string; messages: 'keep' | 'delete' }) =>
      call<void>('DELETE', '/v1/users/me', { body }),
    user: (id: Id) => call<User>('GET', `/v1/users/${id}`),
    findUsers: (query: string, signal?: AbortSignal) =>
      call<Page<User>>('GET', '/v1/users', { query: { query, limit: 20 }, signal }),

    sessions: () => call<Page<Session>>('GET', '/v1/sessions', { query: { limit: 100 } }),
    endSession: (id: Id) => call<void>('DELETE', `/v1/sessions/${id}`),

    blocks: () => call<Page<User>>('GET', '/v1/users/me/blocks', { query: { limit: 100 } }),
    block: (user: Id) => call<void>('PUT', `/v1/users/me/blocks/${user}`),
    unblock: (user: Id) => call<void>('DELETE', `/v1/users/me/blocks/${user}`),

    rooms: (cursor?: string) =>
      call<Page<RoomListEntry>>('GET', '/v1/rooms', { query: { limit: 100, cursor } }),
    room: (room: Id) => call<Room>('GET', at(room)),
    openDirect: (user: Id) =>
      call<Room>('POST', '/v1/rooms', { body: { kind: 'direct', members: [user] } }),
    openGroup: (title: string, members: Id[]) =>
      call<Room>('POST', '/v1/rooms', { body: { kind: 'group', title, members } }),
    retitle: (room: Id, title: string) => call<Room>('PATCH', at(room), { body: { title } }),
    closeRoom: (room: Id) => call<void>('DELETE', at(room)),
    preferences: (room: Id, body: { muted?: boolean; pinned?: boolean }) =>
      call<{ muted: boolean; pinned: boolean }>('PUT', `${at(room)}/preferences`, { body }),

    members: (room: Id, cursor?: string) =>
      call<Page<Member>>('GET', `${at(room)}/members`, { query: { limit: 100, cursor } }),
    setMember: (room: Id, user: Id, role?: Role) =>
      call<Member>('PUT', `${at(room)}/members/${user}`, { body: role ? { role } : {} }),
    removeMember: (room: Id, user: Id) => call<void>('DELETE', `${at(room)}/members/${user}`),
    invite: (room: Id) => call<Invite>('POST', `${at(room)}/invites`, { body: {} }),
    join: (code: string) => call<Room>('POST', `/v1/invites/${encodeURIComponent(code)}`),

    history: (room: Id, query: HistoryQuery) =>
      call<History>('GET', `${at(room)}/messages`, { query: { ...query } }),
    message: (room: Id, seq: number) => call<Message>('GET', `${at(room)}/messages/${seq}`),
    erase: (room: Id, seq: number, ask: Ask = {}) =>
      call<void>('DELETE', `${at(room)}/messages/${seq}`, ask),
    log: (room: Id, after: number, limit = 500) =>
      call<Log>('GET', `${at(room)}/log`, { query: { after, limit } }),
    search: ({ q, ...filter }: SearchQuery, signal?: AbortSignal) =>
      call<Page<SearchHit>>('GET', '/v1/search', { query: { q, limit: 30, ...filter }, signal }),
  };
}

export type Api = ReturnType<typeof makeApi>;
