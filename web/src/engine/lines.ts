/**
 * A page of history holds messages only. Who came and went stands in the log between them: where
 * numbers are missing on a page of a group, the log is asked for that stretch. Reactions and edits
 * leave gaps, too, so that asking is bounded; a line that cannot be had is not missed.
 */
import type { Api, HistoryQuery } from '../api/api';
import { ApiError } from '../api/http';
import type { History } from '../api/types';
import type { RoomEntry } from './room_list';
import { isLine, type LineEvent } from './timeline';

const kMostEvents = 500;

/** The stretch of the log that the page stands for; both inclusive. */
export function stretchOf(entry: RoomEntry, query: HistoryQuery, page: History): [number, number] {
  const first = page.messages[0]?.seq;
  const last = page.messages[page.messages.length - 1]?.seq;
  const oldest = entry.first_seq;
  const from = query.after !== undefined ? query.after + 1 : page.has_older ? (first ?? oldest) : oldest;
  const to = query.before !== undefined ? query.before - 1 : page.has_newer ? (last ?? from) : entry.head.seq;
  return [from, to];
}

/** The first and the last number of the stretch that no message has; nothing: there is none. */
export function gapOf([from, to]: [number, number], page: History): [number, number] | undefined {
  const seqs = new Set(page.messages.map((message) => message.seq));
  while (from <= to && seqs.has(from)) ++from;
  while (to >= from && seqs.has(to)) --to;
  return from <= to ? [from, to] : undefined;
}

export async function linesOf(
  api: Api,
  entry: RoomEntry,
  query: HistoryQuery,
  page: History,
): Promise<LineEvent[]> {
  if (entry.room.kind !== 'group') return [];
  const gap = gapOf(stretchOf(entry, query, page), page);
  if (!gap) return [];
  const [from, to] = [Math.max(gap[0], gap[1] - kMostEvents + 1), gap[1]];
  try {
    const { events } = await api.log(entry.room.id, from - 1, to - from + 1);
    return events.filter(isLine);
  } catch (failure) {
    if (failure instanceof ApiError) return [];
    throw failure;
  }
}
