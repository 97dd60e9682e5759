import type { Api } from '../api/api';
import { ApiError } from '../api/http';
import type { Id } from '../api/types';
import type { ClientFrame, Refusal } from './frames';
import { leavingKey, without, type ChatState } from './state';
import type { Store } from './store';
import { withReaction } from './timeline';

const kUndoMs = 6000;
/** More requests than this are not waited for at once. */
const kMostUnanswered = 100;

type Request =
  | { op: 'edit'; room: Id; seq: number; text: string }
  | { op: 'react'; room: Id; seq: number; emoji: string; on: boolean };

export interface ChangesHooks {
  send(frame: ClientFrame): boolean;
  newCid(): string;
  onRefused(code: string): void;
}

/** What somebody does to messages that are there: edits, reactions, deletions that can be undone. */
export class Changes {
  private readonly undo = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly unanswered = new Map<string, { request: Request; takeBack(): void }>();
  private refs = 0;
  private closed = false;

  constructor(
    private readonly api: Api,
    private readonly state: Store<ChatState>,
    private readonly hooks: ChangesHooks,
  ) {}

  /** False when there is no line. */
  edit(room: Id, seq: number, text: string): boolean {
    return this.request({ op: 'edit', room, seq, text }, () => undefined);
  }

  /** False when there is no line. */
  react(room: Id, seq: number, emoji: string, on: boolean): boolean {
    const show = (shown: boolean) => this.showReaction(room, seq, emoji, shown);
    const sent = this.request({ op: 'react', room, seq, emoji, on }, () => show(!on));
    if (sent) show(on);
    return sent;
  }

  answered(ref: string): void {
    this.unanswered.delete(ref);
  }

  refused({ ref = '', code }: Refusal): void {
    const asked = this.unanswered.get(ref);
    if (!asked) return;
    this.unanswered.delete(ref);
    asked.takeBack();
    this.hooks.onRefused(code);
  }

  /** A new line: nobody knows what became of what was asked on the old one. Twice does no harm. */
  again(): void {
    for (const [ref, { request }] of this.unanswered) this.hooks.send({ ...request, ref });
  }

  /** Hides the message; it is deleted in a few seconds unless he wants it back. */
  deleteSoon(room: Id, seq: number): void {
    const key = leavingKey(room, seq);
    this.state.update((s) => ({ ...s, leaving: { ...s.leaving, [key]: true } }));
    this.undo.set(key, setTimeout(() => this.deleteNow(room, seq), kUndoMs));
  }

  undelete(room: Id, seq: number): void {
    const key = leavingKey(room, seq);
    clearTimeout(this.undo.get(key));
    this.undo.delete(key);
    this.state.update((s) => ({ ...s, leaving: without(s.leaving, key) }));
  }

  /** The page goes: what was to be deleted is deleted now. */
  flush(): void {
    for (const key of [...this.undo.keys()]) {
      const [room, seq] = key.split(':') as [Id, string];
      this.deleteNow(room, Number(seq), true);
    }
  }

  close(): void {
    this.flush();
    this.closed = true;
  }

  private deleteNow(room: Id, seq: number, keepalive = false): void {
    const key = leavingKey(room, seq);
    clearTimeout(this.undo.get(key));
    this.undo.delete(key);
    this.api.erase(room, seq, { keepalive }).catch((failure: unknown) => {
      this.undelete(room, seq);
      const code = failure instanceof ApiError ? failure.code : 'internal';
      if (!this.closed) this.hooks.onRefused(code);
    });
  }

  private request(request: Request, takeBack: () => void): boolean {
    if (this.unanswered.size >= kMostUnanswered) return false;
    const ref = `r:${this.hooks.newCid().slice(0, 8)}:${++this.refs}`;
    if (!this.hooks.send({ ...request, ref })) return false;
    this.unanswered.set(ref, { request, takeBack });
    return true;
  }

  private showReaction(room: Id, seq: number, emoji: string, on: boolean): void {
    this.state.update((s) => {
      const timeline = s.timelines[room];
      if (!timeline) return s;
      const messages = timeline.messages.map((message) =>
        message.seq === seq ? withReaction(message, emoji, s.me.id, on) : message,
      );
      return { ...s, timelines: { ...s.timelines, [room]: { ...timeline, messages } } };
    });
  }
}
