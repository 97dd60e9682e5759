/** What tabs say to each other. */
export type TabMessage =
  | { kind: 'frame'; text: string }
  | { kind: 'state'; state: string }
  | { kind: 'send'; text: string }
  | { kind: 'who' }
  | { kind: 'outbox' }
  | { kind: 'logout' };

export interface TabHooks {
  /** This tab holds the connection from now on. */
  lead(): void;
  /** It no longer does: another tab has taken over. */
  follow(): void;
  hear(message: TabMessage): void;
}

export interface Tabs {
  readonly leads: boolean;
  post(message: TabMessage): void;
  /** Asks whether the leading tab still answers; takes over when it does not. */
  check(): void;
  close(): void;
}

const kAnswerMs = 3000;

/** Every tab for itself: where the browser has no locks or channels. */
export class AloneTabs implements Tabs {
  readonly leads = true;
  constructor(hooks: TabHooks) {
    queueMicrotask(() => hooks.lead());
  }
  post(): void {}
  check(): void {}
  close(): void {}
}

/**
 * The tabs of one user in one browser. Who holds the lock leads; the browser passes it on when that
 * tab closes. A phone may freeze the leading tab in the background: then the one in front takes the
 * lock by force.
 */
class BrowserTabs implements Tabs {
  leads = false;
  private readonly channel: BroadcastChannel;
  private readonly waiting = new AbortController();
  private release: (() => void) | undefined;
  private answer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    private readonly name: string,
    private readonly hooks: TabHooks,
  ) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = (event: MessageEvent<TabMessage>) => this.hear(event.data);
    void this.take({ signal: this.waiting.signal });
    this.check();
  }

  post(message: TabMessage): void {
    if (!this.closed) this.channel.postMessage(message);
  }

  check(): void {
    if (this.leads || this.closed || this.answer) return;
    this.post({ kind: 'who' });
    this.answer = setTimeout(() => {
      this.answer = undefined;
      if (!this.leads && !this.closed) void this.take({ steal: true });
    }, kAnswerMs);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.answer);
    this.waiting.abort();
    this.release?.();
    this.channel.close();
  }

  private hear(message: TabMessage): void {
    if (message.kind === 'frame' || message.kind === 'state') {
      clearTimeout(this.answer);
      this.answer = undefined;
    }
    if (!this.closed) this.hooks.hear(message);
  }

  private async take(how: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(this.name, how, () => {
        if (this.closed) return undefined;
        this.leads = true;
        clearTimeout(this.answer);
        this.answer = undefined;
        this.hooks.lead();
        return new Promise<void>((resolve) => (this.release = resolve));
      });
    } catch {
      // Given up, or taken by force by another tab.
      const led = this.leads;
      this.leads = false;
      if (led && !this.closed) {
        this.hooks.follow();
        void this.take({ signal: this.waiting.signal });
      }
    }
  }
}

export function openTabs(name: string, hooks: TabHooks): Tabs {
  const able = typeof BroadcastChannel !== 'undefined' && typeof navigator !== 'undefined';
  return able && 'locks' in navigator ? new BrowserTabs(name, hooks) : new AloneTabs(hooks);
}
