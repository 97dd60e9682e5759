import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Id } from '../api/types';

/** A message that was written here and is not stored by the server yet. */
export interface OutboxItem {
  /** Made once, when it is written: sending it again never makes a second message. */
  cid: string;
  room: Id;
  text: string;
  replyTo: number | null;
  /** Its place among the room's unsent messages; never taken from a clock. */
  order: number;
  writtenAt: string;
  state: 'waiting' | 'failed';
  /** Why it failed: a code of the API. */
  code?: string;
}

export interface Draft {
  room: Id;
  text: string;
}

/** What must survive the page. One user's; gone when he logs out. */
export interface Storage {
  items(): Promise<OutboxItem[]>;
  put(item: OutboxItem): Promise<void>;
  remove(cid: string): Promise<void>;
  keepDraft(room: Id, text: string): Promise<void>;
  drafts(): Promise<Draft[]>;
  close(): void;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: OutboxItem };
  drafts: { key: string; value: Draft };
}

const kPrefix = 'respring-';
const nameFor = (user: Id) => kPrefix + user;

class Database implements Storage {
  constructor(private readonly db: IDBPDatabase<Schema>) {}

  items = () => this.db.getAll('outbox');
  put = async (item: OutboxItem) => void (await this.db.put('outbox', item));
  remove = (cid: string) => this.db.delete('outbox', cid);
  drafts = () => this.db.getAll('drafts');
  close = () => this.db.close();

  async keepDraft(room: Id, text: string): Promise<void> {
    if (text === '') await this.db.delete('drafts', room);
    else await this.db.put('drafts', { room, text });
  }
}

/** Where the browser keeps nothing (a private window): as long as the page lives. */
export class Memory implements Storage {
  private readonly outbox = new Map<string, OutboxItem>();
  private readonly texts = new Map<Id, string>();

  items = () => Promise.resolve([...this.outbox.values()]);
  put = (item: OutboxItem) => Promise.resolve(void this.outbox.set(item.cid, item));
  remove = (cid: string) => Promise.resolve(void this.outbox.delete(cid));
  drafts = () => Promise.resolve([...this.texts].map(([room, text]) => ({ room, text })));
  keepDraft = (room: Id, text: string) => Promise.resolve(void this.texts.set(room, text));
  close = () => {};
}

export async function openStorage(user: Id): Promise<Storage> {
  try {
    const db = await openDB<Schema>(nameFor(user), 1, {
      upgrade(fresh) {
        fresh.createObjectStore('outbox', { keyPath: 'cid' });
        fresh.createObjectStore('drafts', { keyPath: 'room' });
      },
      // Another tab logs out: do not hold its deletion up.
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    });
    return new Database(db);
  } catch {
    return new Memory();
  }
}

/** Removes what is kept for this user, or for everybody but this user. */
export async function forget(which: { user: Id } | { allBut: Id }): Promise<void> {
  if ('user' in which) return deleteDB(nameFor(which.user));
  if (typeof indexedDB === 'undefined' || !indexedDB.databases) return;
  for (const { name } of await indexedDB.databases()) {
    if (name?.startsWith(kPrefix) && name !== nameFor(which.allBut)) await deleteDB(name);
  }
}
