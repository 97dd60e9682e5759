import type { Id, RoomEvent } from '../api/types';
import type { Changes } from './changes';
import type { Ack, ServerFrame } from './frames';
import type { Histories } from './history';
import type { Outbox } from './outbox';
import type { Passing } from './passing';
import type { People } from './people';
import { applyToEntry } from './room_list';
import type { Rooms } from './rooms';
import type { ChatState, Notice } from './state';
import type { OutboxItem } from './storage';
import type { Store } from './store';
import { apply, find } from './timeline';

/** Whoever has to know of something that the server says. */
export interface IncomingParts {
  state: Store<ChatState>;
  people: People;
  histories: Histories;
  rooms: Rooms;
  outbox: Outbox;
  changes: Changes;
  passing: Passing;
  /** No longer a member. `tell`: somebody else's doing. */
  forgetRoom(room: Id, tell: boolean): void;
  onNotice(notice: Notice): void;
}

/** Takes what the server says to where it belongs: frames first, then the events of the logs. */
export class Incoming {
  private readonly me: Id;

  constructor(private readonly parts: IncomingParts) {
    this.me = parts.state.get().me.id;
  }

  frame(frame: ServerFrame): void {
    switch (frame.op) {
      case 'event':
        this.parts.rooms.receive(frame);
        break;
      case 'ready':
        this.parts.rooms.ready(frame.heads);
        break;
      case 'heads':
        this.parts.rooms.compare(frame.rooms);
        break;
      case 'lag':
        this.parts.rooms.log(frame.room)?.catchUp(this.parts.rooms.epochOf(frame.room), frame.head);
        break;
      case 'limited':
        this.parts.rooms.log(frame.room)?.skipTo(frame.to);
        break;
      case 'reset':
        this.parts.rooms.log(frame.room)?.reset(frame.epoch, frame.head);
        break;
      case 'gone':
        this.parts.forgetRoom(frame.room, true);
        break;
      case 'ack':
        this.onAck(frame);
        break;
      case 'error':
        if (this.parts.outbox.answered(frame.ref)) this.parts.outbox.refused(frame);
        else this.parts.changes.refused(frame);
        break;
      case 'read':
        this.onRead(frame.room, frame.user, frame.seq);
        break;
      case 'typing':
        this.parts.passing.heardTyping(frame.room, frame.user);
        break;
      case 'presence':
        this.parts.passing.heardPresence(frame.user, frame.online);
        break;
    }
  }

  /** The next event of a room's log. */
  event(event: RoomEvent): void {
    const { room } = event;
    if (event.kind === 'member') {
      if (event.user === this.me && event.role === null) {
        this.parts.forgetRoom(room, event.actor !== this.me);
        return;
      }
      this.parts.rooms.soon();
      if (this.parts.state.get().members[room]) void this.parts.people.loadMembers(room).catch(() => undefined);
    }
    this.parts.histories.note(event);
    this.parts.state.update((s) => {
      const entry = s.rooms[room];
      const timeline = s.timelines[room];
      return {
        ...s,
        rooms: entry ? { ...s.rooms, [room]: applyToEntry(entry, event, this.me) } : s.rooms,
        timelines: timeline ? { ...s.timelines, [room]: apply(timeline, event) } : s.timelines,
      };
    });
    if (event.kind === 'message') this.onMessage(event);
  }

  private onMessage(event: Extract<RoomEvent, { kind: 'message' }>): void {
    const { message } = event;
    this.parts.people.need([message.sender]);
    this.parts.passing.stopTyping(event.room, message.sender);
    if (message.sender === this.me) {
      this.parts.outbox.stored(message.cid.toLowerCase());
      return;
    }
    this.parts.people.read(event.room, message.sender, message.seq);
    if (this.parts.state.get().rooms[event.room]?.muted || message.text === null) return;
    const { room, sender, text } = message;
    this.parts.onNotice({ kind: 'message', room, sender, text });
  }

  private onAck(ack: Ack): void {
    const item = this.parts.outbox.answered(ack.ref);
    if (item) {
      this.showStored(item, ack);
      this.parts.outbox.acknowledged(ack);
      return;
    }
    this.parts.changes.answered(ack.ref);
  }

  /** Until the message's own event comes, what we know of it takes its place. */
  private showStored(item: OutboxItem, ack: Ack): void {
    if (ack.duplicate) {
      // It may have been edited elsewhere since: the log says what it is now.
      const entry = this.parts.state.get().rooms[item.room];
      if (entry && entry.head.seq >= ack.seq) return;
    }
    const message = {
      room: item.room,
      seq: ack.seq,
      ordinal: ack.ordinal ?? 1,
      sender: this.me,
      cid: item.cid,
      text: item.text,
      reply_to: item.replyTo,
      attachments: [],
      meta: null,
      created_at: ack.at,
      edited_at: null,
      deleted: false,
      reactions: {},
      version: 0,
    };
    this.parts.state.update((s) => {
      const timeline = s.timelines[item.room];
      if (!timeline || timeline.hasNewer || find(timeline.messages, ack.seq)) return s;
      const event = { kind: 'message', message, room: item.room, epoch: 0, seq: ack.seq };
      return { ...s, timelines: { ...s.timelines, [item.room]: apply(timeline, event as unknown as RoomEvent) } };
    });
  }

  private onRead(room: Id, user: Id, seq: number): void {
    this.parts.people.read(room, user, seq);
    if (user !== this.me) return;
    const entry = this.parts.state.get().rooms[room];
    if (!entry || seq <= entry.read_seq) return;
    if (seq >= (entry.last_message?.seq ?? 0)) this.parts.rooms.noteOwnRead(room, seq, entry.head.ordinal);
    else this.parts.rooms.soon();
  }
}
