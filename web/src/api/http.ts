import type { ErrorCode, Problem } from './types';

/** What went wrong with a request. `status` 0: no answer came, the outcome is unknown. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: ErrorCode | 'network',
    title: string,
    readonly retryAfterMs: number | undefined = undefined,
    readonly fields: Record<string, string> = {},
  ) {
    super(title);
    this.name = 'ApiError';
  }
}

export interface Ask {
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  signal?: AbortSignal | undefined;
  /** The request outlives the page (at pagehide). */
  keepalive?: boolean;
}

export type Call = <T>(method: string, path: string, ask?: Ask) => Promise<T>;

const kPatienceMs = 20_000;

function withQuery(path: string, query: Ask['query']): string {
  const given = Object.entries(query ?? {}).filter((pair) => pair[1] !== undefined);
  if (given.length === 0) return path;
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return `${path}?${text.toString()}`;
}

async function problemOf(answer: Response): Promise<ApiError> {
  const after = Number(answer.headers.get('retry-after'));
  const retry = Number.isFinite(after) && after > 0 ? after * 1000 : undefined;
  try {
    const problem = (await answer.json()) as Problem;
    const fields = Object.fromEntries((problem.errors ?? []).map((e) => [e.field, e.code]));
    return new ApiError(answer.status, problem.code, problem.title, retry, fields);
  } catch {
    const code = answer.status >= 500 ? 'upstream_unavailable' : 'invalid_request';
    return new ApiError(answer.status, code, answer.statusText, retry);
  }
}

/** What `public/early.js` has asked for already. Each answer is used once, and only while it is fresh. */
const kEarlyMs = 10_000;
async function earlyAnswer(method: string, url: string): Promise<Response | null> {
  const answers = (globalThis as { respringEarly?: Record<string, Promise<Response | null>> }).respringEarly;
  const answer = method === 'GET' ? answers?.[url] : undefined;
  if (!answers || !answer) return null;
  delete answers[url];
  return performance.now() < kEarlyMs ? answer : null;
}

/** Speaks to our own origin with the session cookie. `language` follows the reader's choice. */
export function httpCall(language: () => string): Call {
  return async <T>(method: string, path: string, ask: Ask = {}): Promise<T> => {
    const headers: Record<string, string> = { 'Accept-Language': language() };
    if (ask.body !== undefined) headers['Content-Type'] = 'application/json';
    const url = withQuery(path, ask.query);
    const init: RequestInit = {
      method,
      headers,
      body: ask.body === undefined ? null : JSON.stringify(ask.body),
      credentials: 'same-origin',
      cache: 'no-store',
      keepalive: ask.keepalive ?? false,
      signal: ask.signal ?? AbortSignal.timeout(kPatienceMs),
    };
    let answer: Response;
    try {
      answer = (await earlyAnswer(method, url)) ?? (await fetch(url, init));
    } catch (failure) {
      throw new ApiError(0, 'network', String(failure));
    }
    if (!answer.ok) throw await problemOf(answer);
    if (answer.status === 204) return undefined as T;
    return (await answer.json()) as T;
  };
}
