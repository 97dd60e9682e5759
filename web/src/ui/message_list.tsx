import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Message } from '../api/types';
import { placeOf, type Timeline } from '../engine/timeline';
import { useSay } from '../i18n';
import { dayName } from '../i18n/times';
import { useApp, useChat } from './context';
import { LineRow } from './line';
import { MessageRow, PendingRow } from './message';
import { Icon } from './parts';
import { usePreferences } from './preferences';
import { rowsOf, type Row } from './rows';

/** This close to the end counts as at the end (px). */
const kAtEnd = 80;
/** This close to an end the next page is fetched (px). */
const kNearEnd = 1200;
const kEstimate = 84;
const kNone: never[] = [];
const kMarkMs = 2500;

interface Props {
  room: string;
  timeline: Timeline;
  /** The message to show, and a number that changes with every wish to go there. */
  target: { seq: number; wish: number } | null;
  onMenu(message: Message): void;
  onJump(seq: number): void;
}

function useRows(room: string, timeline: Timeline) {
  const pending = useChat((s) => s.pending[room] ?? kNone);
  const me = useChat((s) => s.me.id);
  const entry = useChat((s) => s.rooms[room]);
  // The divider stays where it was when the room was opened.
  const [readSeq] = useState(() =>
    entry && entry.head.ordinal > entry.readOrdinal ? entry.read_seq : null,
  );
  return useMemo(
    () => rowsOf({ timeline, pending, me, readSeq }),
    [timeline, pending, me, readSeq],
  );
}

/** Marks as read what is at the end of the screen while somebody looks at it. */
function useReading(room: string, timeline: Timeline, atEnd: boolean) {
  const { chat } = useApp();
  const line = useChat((s) => s.line);
  const last = timeline.hasNewer ? undefined : timeline.messages[timeline.messages.length - 1];
  useEffect(() => {
    if (!last || !atEnd) return undefined;
    const read = () => {
      if (document.visibilityState === 'visible' && document.hasFocus()) chat.markRead(room, last.seq);
    };
    read();
    addEventListener('focus', read);
    document.addEventListener('visibilitychange', read);
    return () => {
      removeEventListener('focus', read);
      document.removeEventListener('visibilitychange', read);
    };
  }, [chat, room, last, atEnd, line]);
}

export function MessageList({ room, timeline, target, onMenu, onJump }: Props) {
  const say = useSay();
  const { chat } = useApp();
  const { language, list, size } = usePreferences();
  const rows = useRows(room, timeline);
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [marked, setMarked] = useState<number | null>(null);
  const simple = list === 'simple';

  // Only the true end is followed: a page that is appended on the way there is to be read.
  const reachesEnd = !timeline.hasNewer;
  const reached = useRef(reachesEnd);
  const follows = reachesEnd && reached.current;
  useEffect(() => {
    reached.current = reachesEnd;
  }, [reachesEnd]);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kEstimate,
    getItemKey: useCallback((i: number) => rows[i]!.key, [rows]),
    overscan: 10,
    anchorTo: 'end',
    followOnAppend: follows,
    scrollEndThreshold: kAtEnd,
    enabled: !simple,
  });

  const toEnd = useCallback(() => {
    if (simple) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
    else virtual.scrollToEnd();
  }, [simple, virtual]);

  // Where a room opens: at the first unread message, at the wished one, or at the end.
  const opened = useRef<number | null>(null);
  useLayoutEffect(() => {
    const wish = target?.wish ?? 0;
    if (opened.current === wish) return;
    const unread = rows.findIndex((row) => row.kind === 'unread');
    const wished = target
      ? rows.findIndex((row) => row.kind === 'message' && row.message.seq === target.seq)
      : -1;
    if (target && wished < 0) return;
    const first = opened.current === null;
    opened.current = wish;
    const place = target ? wished : first ? unread : -1;
    if (target) {
      setMarked(target.seq);
    }
    if (place < 0) {
      if (!target) toEnd();
    } else if (simple) {
      scroller.current?.children[0]?.children[place]?.scrollIntoView({ block: 'center' });
    } else {
      virtual.scrollToIndex(place, { align: target ? 'center' : 'start' });
    }
  }, [rows, target, simple, toEnd, virtual]);
  useEffect(() => {
    if (marked === null) return undefined;
    const timer = setTimeout(() => setMarked(null), kMarkMs);
    return () => clearTimeout(timer);
  }, [marked]);

  const look = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
    setAtEnd(rest < kAtEnd);
    if (element.scrollTop < kNearEnd) void chat.histories.older(room);
    if (rest < kNearEnd) void chat.histories.newer(room);
  }, [chat, room]);
  useEffect(look, [look, rows.length, size]);

  // A write of one's own is always seen.
  const pendingCount = rows.filter((row) => row.kind === 'pending').length;
  const before = useRef(pendingCount);
  useEffect(() => {
    if (pendingCount > before.current) toEnd();
    before.current = pendingCount;
  }, [pendingCount, toEnd]);

  // The keyboard of a phone comes, the window changes: the end stays the end.
  const stick = useRef(false);
  stick.current = atEnd && follows;
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    let seen = false;
    const watcher = new ResizeObserver(() => {
      // It tells once what the size is, too: nothing has changed then.
      if (seen && stick.current) toEnd();
      seen = true;
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [toEnd]);

  useReading(room, timeline, atEnd);
  const fresh = useFresh(timeline, atEnd);

  const content = (row: Row) => {
    switch (row.kind) {
      case 'start':
        return <p className="start">{say(timeline.messages.length ? 'historyStart' : 'empty')}</p>;
      case 'day':
        return (
          <h2 className="day">
            <span>{dayName(new Date(row.at), new Date(), language)}</span>
          </h2>
        );
      case 'unread':
        return (
          <p className="unread-line" role="separator">
            <span>{say('unreadHere')}</span>
          </p>
        );
      case 'line':
        return <LineRow room={room} event={row.event} />;
      case 'pending':
        return <PendingRow item={row.item} />;
      case 'message':
        return (
          <MessageRow
            message={row.message}
            first={row.first}
            last={row.last}
            marked={marked === row.message.seq}
            onMenu={onMenu}
            onJump={onJump}
          />
        );
    }
  };

  return (
    <div className="messages-frame">
      {/* eslint-disable jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <div
        ref={scroller}
        className="messages"
        role="log"
        aria-live="off"
        aria-label={say('rooms')}
        tabIndex={0}
        onScroll={look}
      >
        {/* eslint-enable jsx-a11y/no-noninteractive-tabindex */}
        {simple ? (
          <div className="messages-simple">
            {rows.map((row) => (
              <div key={row.key}>{content(row)}</div>
            ))}
          </div>
        ) : (
          <div className="messages-space" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => (
              <div
                key={item.key}
                data-index={item.index}
                ref={virtual.measureElement}
                className="messages-row"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {content(rows[item.index]!)}
              </div>
            ))}
          </div>
        )}
      </div>
      {(!atEnd || timeline.hasNewer) && (
        <button
          type="button"
          className="button primary to-end"
          onClick={() => {
            if (timeline.hasNewer) void chat.histories.reload(room).then(() => setTimeout(toEnd));
            else toEnd();
          }}
        >
          <Icon name="down" />
          {fresh > 0 ? say('newMessages', { count: fresh }) : say('toBottom')}
        </button>
      )}
    </div>
  );
}

/** How many messages of others came since the reader left the end. */
function useFresh(timeline: Timeline, atEnd: boolean): number {
  const me = useChat((s) => s.me.id);
  const last = timeline.messages[timeline.messages.length - 1]?.seq ?? 0;
  const [since, setSince] = useState(last);
  useEffect(() => {
    if (atEnd) setSince(last);
  }, [atEnd, last]);
  if (atEnd) return 0;
  const { messages } = timeline;
  return messages.slice(placeOf(messages, since + 1)).filter((m) => m.sender !== me).length;
}
