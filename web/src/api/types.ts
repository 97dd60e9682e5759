/** The shapes of the API by their short names; generated from docs/openapi.json (npm run types). */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Id = Schemas['Id'];
export type User = Schemas['User'];
export type OwnUser = Schemas['OwnUser'];
export type Session = Schemas['Session'];
export type LoggedIn = Schemas['LoggedIn'];
export type Role = Schemas['Role'];
export type Room = Schemas['Room'];
export type RoomListEntry = Schemas['RoomListEntry'];
export type Member = Schemas['Member'];
export type Message = Schemas['Message'];
export type History = Schemas['History'];
export type RoomEvent = Schemas['Event'];
export type Log = Schemas['Log'];
export type Invite = Schemas['Invite'];
export type SearchHit = Schemas['SearchHit'];
export type Problem = Schemas['Problem'];
export type ErrorCode = Problem['code'];

export interface Page<T> {
  items: T[];
  next_cursor?: string;
  /** Rooms that cannot be read for the moment and are left out. */
  unavailable?: Id[];
}
