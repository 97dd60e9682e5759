import type { Id, Log, RoomEvent } from '../api/types';
import type { Cursor } from './frames';

export interface RoomLogHooks {
  fetch(room: Id, after: number): Promise<Log>;
  /** In order, each once. */
  apply(event: RoomEvent): void;
  /** The history changed: what is on the screen has to be read anew. */
  startOver(room: Id): void;
}

/** How long an event that came too early waits for the one before it. */
const kHoldMs = 1000;
const kRetryMs = 3000;
/** More than this behind is not fetched event by event. */
const kFarBehind = 500;

/**
 * One room's events in order (the client rule of the API): the next one is applied, an older one
 * dropped, one that came too early held for a second; then what is missing is fetched.
 */
export class RoomLog {
  private readonly held = new Map<number, RoomEvent>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private fetching = false;
  private wanted = 0;
  private closed = false;

  constructor(
    private readonly room: Id,
    private at: { epoch: number; seq: number },
    private readonly hooks: RoomLogHooks,
  ) {}

  cursor(): Cursor {
    // Exactly these fields: the server refuses a hello with others.
    return { room: this.room, epoch: this.at.epoch, seq: this.at.seq };
  }

  receive(event: RoomEvent): void {
    if (this.closed || event.epoch < this.at.epoch) return;
    if (event.epoch > this.at.epoch) {
      this.reset(event.epoch, event.seq);
      return;
    }
    if (event.seq <= this.at.seq) return;
    if (event.seq > this.at.seq + 1) {
      this.held.set(event.seq, event);
      this.timer ??= setTimeout(() => void this.fetchMissing(), kHoldMs);
      return;
    }
    this.applyNext(event);
    this.applyHeld();
  }

  /** The log is known to reach `head`. */
  catchUp(epoch: number, head: number): void {
    if (this.closed || epoch < this.at.epoch) return;
    if (epoch > this.at.epoch) this.reset(epoch, head);
    else if (head > this.at.seq) {
      this.wanted = Math.max(this.wanted, head);
      void this.fetchMissing();
    }
  }

  /** Too much was missed: go on behind it, and read the screen anew. */
  skipTo(seq: number): void {
    if (this.closed || seq <= this.at.seq) return;
    this.at = { ...this.at, seq };
    this.hooks.startOver(this.room);
    this.applyHeld();
  }

  reset(epoch: number, head: number): void {
    if (this.closed) return;
    this.held.clear();
    this.at = { epoch, seq: head };
    this.hooks.startOver(this.room);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.held.clear();
  }

  private applyNext(event: RoomEvent): void {
    this.at = { epoch: event.epoch, seq: event.seq };
    this.hooks.apply(event);
  }

  private applyHeld(): void {
    for (const seq of [...this.held.keys()].sort((a, b) => a - b)) {
      const event = this.held.get(seq);
      if (seq > this.at.seq + 1) break;
      this.held.delete(seq);
      if (event && seq === this.at.seq + 1) this.applyNext(event);
    }
    if (this.held.size === 0) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
  }

  private isBehind(): boolean {
    return this.held.size > 0 || this.at.seq < this.wanted;
  }

  private async fetchMissing(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.fetching || !this.isBehind()) return;
    this.fetching = true;
    try {
      while (!this.closed && this.isBehind()) {
        const log = await this.hooks.fetch(this.room, this.at.seq);
        if (this.closed || !this.take(log)) break;
      }
    } catch {
      // Offline, most likely; ready and heads ask again, and so does this.
      if (!this.closed) this.timer ??= setTimeout(() => void this.fetchMissing(), kRetryMs);
    } finally {
      this.fetching = false;
    }
  }

  /** False when there is nothing more to fetch. */
  private take(log: Log): boolean {
    if (log.epoch !== this.at.epoch) {
      this.reset(log.epoch, log.head);
      return false;
    }
    if (log.head - this.at.seq > kFarBehind) {
      this.skipTo(log.head);
      return false;
    }
    const before = this.at.seq;
    for (const event of log.events) {
      if (event.seq === this.at.seq + 1) this.applyNext(event);
    }
    this.applyHeld();
    if (this.at.seq === before) {
      // The log says that there is no more: what was held belongs to nothing.
      this.held.clear();
      this.wanted = 0;
      return false;
    }
    return true;
  }
}
