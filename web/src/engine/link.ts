import { Connection, type ConnectionState, type Socket } from './connection';
import { parseFrame, type ClientFrame, type Cursor, type ServerFrame } from './frames';
import type { TabHooks, TabMessage, Tabs } from './tabs';

export interface LinkHooks {
  openSocket(): Socket;
  openTabs(hooks: TabHooks): Tabs;
  cursors(): Cursor[];
  onFrame(frame: ServerFrame): void;
  onState(state: ConnectionState): void;
  /** What other tabs say that is not about the connection. */
  onTab(message: TabMessage): void;
  /** This tab holds the connection now, or no longer. */
  onLead(leads: boolean): void;
  random?: () => number;
}

/**
 * The one connection of all tabs: the leading tab holds it and passes on what it hears; the others
 * send through it. Each tab keeps its own logs and fills its own gaps, so that a word lost between
 * two tabs is nothing worse than a word lost on the network.
 */
export class Link {
  private readonly connection: Connection;
  private readonly tabs: Tabs;
  private state: ConnectionState = 'connecting';

  constructor(private readonly hooks: LinkHooks) {
    this.connection = new Connection({
      open: () => hooks.openSocket(),
      cursors: () => hooks.cursors(),
      ...(hooks.random ? { random: hooks.random } : {}),
      onFrame: (frame) => {
        this.tabs.post({ kind: 'frame', text: JSON.stringify(frame) });
        hooks.onFrame(frame);
      },
      onState: (state) => {
        if (!this.tabs.leads) return;
        this.tabs.post({ kind: 'state', state });
        this.enter(state);
      },
    });
    this.tabs = hooks.openTabs({
      lead: () => {
        hooks.onLead(true);
        this.connection.start();
      },
      follow: () => {
        this.connection.stop();
        hooks.onLead(false);
        this.tabs.check();
      },
      hear: (message) => this.hear(message),
    });
  }

  get leads(): boolean {
    return this.tabs.leads;
  }

  get ready(): boolean {
    return this.state === 'ready';
  }

  /** False when it could not be sent; a following tab cannot know and says what it believes. */
  send(frame: ClientFrame): boolean {
    if (this.tabs.leads) return this.connection.send(frame);
    if (!this.ready) return false;
    this.tabs.post({ kind: 'send', text: JSON.stringify(frame) });
    return true;
  }

  post(message: TabMessage): void {
    this.tabs.post(message);
  }

  /** The page is in front again, or the network is back. */
  wake(): void {
    if (this.tabs.leads) this.connection.wake();
    else this.tabs.check();
  }

  distrust(): void {
    this.connection.distrust();
  }

  close(): void {
    this.connection.stop();
    this.tabs.close();
  }

  private hear(message: TabMessage): void {
    switch (message.kind) {
      case 'who':
        if (this.tabs.leads) this.tabs.post({ kind: 'state', state: this.state });
        break;
      case 'send':
        if (this.tabs.leads) this.connection.send(JSON.parse(message.text) as ClientFrame);
        break;
      case 'state':
        if (!this.tabs.leads) this.enter(message.state as ConnectionState);
        break;
      case 'frame': {
        const frame = parseFrame(message.text);
        if (frame && !this.tabs.leads) this.hooks.onFrame(frame);
        break;
      }
      default:
        this.hooks.onTab(message);
    }
  }

  private enter(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    this.hooks.onState(state);
  }
}
