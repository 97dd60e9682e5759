import { parseFrame, type ClientFrame, type Cursor, type ServerFrame } from './frames';

/** `waiting`: the next try has a time; `ended`: the session is no longer valid. */
export type ConnectionState = 'connecting' | 'ready' | 'waiting' | 'stopped' | 'ended';

/** What a WebSocket is to us. */
export interface Socket {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface ConnectionHooks {
  open(): Socket;
  /** What we have, for the server to send what we missed. */
  cursors(): Cursor[];
  onFrame(frame: ServerFrame): void;
  onState(state: ConnectionState): void;
  random?: () => number;
}

const kFirstPauseMs = 1000;
const kLongestPauseMs = 30_000;
/** From the opening to `ready`. */
const kPatienceMs = 15_000;
/** From a ping to the next sign of life. */
const kPongMs = 8000;
const kDefaultHeartbeatMs = 25_000;
const kMostCursors = 200;
const kSessionRevoked = 4003;
const kNotAuthenticated = 4001;
const kTooMany = 4008;
/** A timer that comes this much late has slept. */
const kSleptMs = 5000;

/**
 * One WebSocket that is opened again whenever it breaks: 1 s, 2 s, … 30 s apart, each shortened at
 * random by up to half so that many clients do not come back together. A line that has been silent
 * for a heartbeat is asked for a sign of life.
 */
export class Connection {
  private socket: Socket | null = null;
  private state: ConnectionState = 'stopped';
  private failures = 0;
  private heartbeatMs = kDefaultHeartbeatMs;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private beat: ReturnType<typeof setInterval> | undefined;
  private heardAt = 0;
  private beatAt = 0;
  private pingedAt = 0;
  private pings = 0;

  constructor(private readonly hooks: ConnectionHooks) {}

  start(): void {
    if (this.state === 'stopped') this.connect();
  }

  stop(): void {
    this.drop();
    this.enter('stopped');
  }

  /** False when it cannot be sent now; nothing is kept. */
  send(frame: ClientFrame): boolean {
    if (this.state !== 'ready' || !this.socket) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** The network came back, the page was shown again: try at once, or make sure that it lives. */
  wake(): void {
    if (this.state === 'waiting') this.connect();
    else if (this.state === 'ready') this.ping();
  }

  /** The line does not answer what it should: open a new one. */
  distrust(): void {
    if (this.state === 'ready') this.fail();
  }

  private connect(): void {
    this.drop();
    this.enter('connecting');
    let socket: Socket;
    try {
      socket = this.hooks.open();
    } catch {
      this.fail();
      return;
    }
    this.socket = socket;
    socket.onopen = () => {
      const rooms = this.hooks.cursors().slice(0, kMostCursors);
      socket.send(JSON.stringify({ op: 'hello', rooms } satisfies ClientFrame));
    };
    socket.onmessage = (event) => {
      if (this.socket === socket && typeof event.data === 'string') this.hear(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.closed(event.code);
    };
    this.timer = setTimeout(() => this.fail(), kPatienceMs);
  }

  private hear(text: string): void {
    this.heardAt = Date.now();
    this.pingedAt = 0;
    const frame = parseFrame(text);
    if (!frame) return;
    if (frame.op === 'welcome') this.heartbeatMs = frame.heartbeat * 1000;
    if (frame.op === 'reconnect') {
      this.pause(frame.after_ms);
      return;
    }
    if (frame.op === 'ready') {
      clearTimeout(this.timer);
      this.failures = 0;
      this.beatAt = Date.now();
      this.beat = setInterval(() => this.tick(), 1000);
    }
    this.hooks.onFrame(frame);
    if (frame.op === 'ready') this.enter('ready');
  }

  /** Once a second: is the line silent, or were we asleep? */
  private tick(): void {
    const now = Date.now();
    const slept = now - this.beatAt > kSleptMs || now < this.beatAt;
    this.beatAt = now;
    if (this.pingedAt !== 0) {
      if (slept) this.pingedAt = now;
      else if (now - this.pingedAt > kPongMs) this.fail();
      return;
    }
    if (slept || now - this.heardAt > this.heartbeatMs) this.ping();
  }

  private ping(): void {
    if (this.pingedAt !== 0) return;
    this.pingedAt = Date.now();
    this.send({ op: 'ping', ref: `p${++this.pings}` });
  }

  private closed(code: number): void {
    if (code === kSessionRevoked) {
      this.drop();
      this.enter('ended');
      return;
    }
    // A cookie that is no longer valid shows as 4001 or as a refused handshake; the owner asks the
    // API whether the session still stands whenever we wait.
    if (code === kNotAuthenticated || code === kTooMany) this.failures = Math.max(this.failures, 3);
    this.fail();
  }

  private fail(): void {
    const longest = Math.min(kLongestPauseMs, kFirstPauseMs * 2 ** this.failures);
    this.failures += 1;
    const random = this.hooks.random ?? Math.random;
    this.pause(longest * (0.5 + 0.5 * random()));
  }

  private pause(ms: number): void {
    this.drop();
    this.timer = setTimeout(() => this.connect(), ms);
    this.enter('waiting');
  }

  private drop(): void {
    clearTimeout(this.timer);
    clearInterval(this.beat);
    this.pingedAt = 0;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  private enter(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    this.hooks.onState(state);
  }
}
