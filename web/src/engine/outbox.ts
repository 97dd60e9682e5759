import type { Id } from '../api/types';
import type { Ack, ClientFrame, Refusal } from './frames';
import type { OutboxItem, Storage } from './storage';

export interface OutboxHooks {
  /** False when there is no line to send on. */
  send(frame: ClientFrame): boolean;
  /** The line does not answer. */
  distrust(): void;
  /** What waits has changed: by room, in order. */
  onChange(items: Record<Id, OutboxItem[]>): void;
  newCid(): string;
}

const kPrefix = 's:';
const kAckMs = 15_000;
const kShortestRetryMs = 1000;
const kLongestRetryMs = 30_000;

/** Refused only for now, or with an unknown outcome: the same cid is sent again. */
const kAgain = new Set(['rate_limited', 'overloaded', 'slot_moving', 'internal', 'upstream_unavailable']);

interface Flight {
  cid: string;
  timer: ReturnType<typeof setTimeout>;
}

/**
 * What was written and is not stored by the server yet. Kept before it is shown; sent in order, one
 * at a time per room, so that nothing overtakes; one that failed holds up its own room only. The tab
 * with the connection sends; every tab may add.
 */
export class Outbox {
  private items: OutboxItem[] = [];
  private readonly flights = new Map<Id, Flight>();
  private readonly pauses = new Map<Id, ReturnType<typeof setTimeout>>();
  private readonly failures = new Map<Id, number>();
  /** Being written to storage, and gone for good: storage answers about both a moment late. */
  private readonly unsaved = new Map<string, OutboxItem>();
  private readonly done = new Set<string>();
  private sending = false;
  private closed = false;

  constructor(
    private readonly storage: Storage,
    private readonly hooks: OutboxHooks,
  ) {}

  /** Reads what other tabs, or an earlier page, have left. */
  async load(): Promise<void> {
    const stored = await this.storage.items();
    if (this.closed) return;
    const known = stored.filter((item) => !this.done.has(item.cid) && !this.unsaved.has(item.cid));
    this.show([...known, ...this.unsaved.values()]);
    this.pump();
  }

  /** Returns when it is safely kept on this device. */
  async add(room: Id, text: string, replyTo: number | null): Promise<OutboxItem> {
    const order = this.items.reduce((most, item) => Math.max(most, item.order), 0) + 1;
    const cid = this.hooks.newCid();
    const writtenAt = new Date().toISOString();
    const item: OutboxItem = { cid, room, text, replyTo, order, writtenAt, state: 'waiting' };
    this.unsaved.set(cid, item);
    this.show([...this.items, item]);
    await this.storage.put(item);
    this.unsaved.delete(cid);
    this.pump();
    return item;
  }

  /** He wants it sent after all. */
  async retry(cid: string): Promise<void> {
    await this.change(cid, (item) => {
      const { code: _code, ...rest } = item;
      return { ...rest, state: 'waiting' };
    });
    this.pump();
  }

  /** He does not want it any more. */
  async discard(cid: string): Promise<void> {
    this.finish(cid);
    await this.storage.remove(cid);
    this.pump();
  }

  /** This tab sends from now on, or no longer (no line, or another tab has it). */
  setSending(sending: boolean): void {
    this.sending = sending;
    for (const flight of this.flights.values()) clearTimeout(flight.timer);
    this.flights.clear();
    for (const pause of this.pauses.values()) clearTimeout(pause);
    this.pauses.clear();
    if (sending) this.pump();
  }

  /** The item of an answer, if it answers a send. In every tab. */
  answered(ref: string | undefined): OutboxItem | undefined {
    if (!ref?.startsWith(kPrefix)) return undefined;
    const cid = ref.slice(kPrefix.length);
    return this.items.find((item) => item.cid === cid);
  }

  acknowledged(ack: Ack): void {
    const item = this.answered(ack.ref);
    if (item) this.stored(item.cid);
  }

  /** The server has it: told by an acknowledgement, or seen in the log. */
  stored(cid: string): void {
    const item = this.items.find((each) => each.cid === cid);
    if (!item) return;
    this.failures.delete(item.room);
    this.finish(cid);
    void this.storage.remove(cid);
    this.pump();
  }

  refused(refusal: Refusal): void {
    const item = this.answered(refusal.ref);
    if (!item) return;
    this.land(item.room);
    if (!kAgain.has(refusal.code)) {
      void this.change(item.cid, (each) => ({ ...each, state: 'failed', code: refusal.code }));
      return;
    }
    const failures = this.failures.get(item.room) ?? 0;
    this.failures.set(item.room, failures + 1);
    const asked = (refusal.retry_after ?? 0) * 1000;
    const ours = Math.min(kShortestRetryMs * 2 ** failures, kLongestRetryMs);
    this.pause(item.room, Math.max(asked, ours));
  }

  /** No longer a member: nothing of his can be sent there. */
  roomGone(room: Id): void {
    for (const item of this.items.filter((each) => each.room === room)) void this.discard(item.cid);
  }

  close(): void {
    this.setSending(false);
    this.closed = true;
  }

  private pump(): void {
    if (!this.sending || this.closed) return;
    const seen = new Set<Id>();
    for (const item of this.items) {
      if (seen.has(item.room)) continue;
      seen.add(item.room);
      const busy = this.flights.has(item.room) || this.pauses.has(item.room);
      if (!busy && item.state === 'waiting') this.fly(item);
    }
  }

  private fly(item: OutboxItem): void {
    const sent = this.hooks.send({
      op: 'send',
      ref: kPrefix + item.cid,
      room: item.room,
      cid: item.cid,
      text: item.text,
      ...(item.replyTo === null ? {} : { reply_to: item.replyTo }),
    });
    if (!sent) return;
    // Nobody answers: whether it was stored is unknown. A new line tells, or the same cid does.
    const timer = setTimeout(() => {
      this.land(item.room);
      this.hooks.distrust();
    }, kAckMs);
    this.flights.set(item.room, { cid: item.cid, timer });
  }

  private land(room: Id): void {
    clearTimeout(this.flights.get(room)?.timer);
    this.flights.delete(room);
  }

  private pause(room: Id, ms: number): void {
    clearTimeout(this.pauses.get(room));
    const again = () => {
      this.pauses.delete(room);
      this.pump();
    };
    this.pauses.set(room, setTimeout(again, ms));
  }

  private finish(cid: string): void {
    this.done.add(cid);
    for (const [room, flight] of this.flights) if (flight.cid === cid) this.land(room);
    this.show(this.items.filter((item) => item.cid !== cid));
  }

  private async change(cid: string, how: (item: OutboxItem) => OutboxItem): Promise<void> {
    const item = this.items.find((each) => each.cid === cid);
    if (!item) return;
    const next = how(item);
    this.show(this.items.map((each) => (each.cid === cid ? next : each)));
    await this.storage.put(next);
  }

  private show(items: OutboxItem[]): void {
    this.items = [...items].sort((a, b) => a.order - b.order || (a.cid < b.cid ? -1 : 1));
    const byRoom: Record<Id, OutboxItem[]> = {};
    for (const item of this.items) (byRoom[item.room] ??= []).push(item);
    this.hooks.onChange(byRoom);
  }
}
