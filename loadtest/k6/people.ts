// People and rooms, over the public API alone; texts that search finds again.
import { check, fail } from "k6";
import http, { type RefinedResponse, type ResponseType } from "k6/http";

export const BASE = __ENV.BASE ?? "http://127.0.0.1:8080";
const SEED = __ENV.SEED ?? "load";
const PASSWORD = "spring-again-1";

export interface Person {
  readonly id: string;
  readonly token: string;
}

export interface Room {
  readonly id: string;
  /** Places in the world's people. */
  readonly members: readonly number[];
}

export interface World {
  readonly people: readonly Person[];
  readonly rooms: readonly Room[];
}

type Answer = RefinedResponse<ResponseType>;

function headers(person?: Person): Record<string, string> {
  const json = { "Content-Type": "application/json" };
  return person ? { ...json, Authorization: `Bearer ${person.token}` } : json;
}

/** `name` groups requests in the results: a path holds ids. */
export function post(path: string, body: object, name: string, person?: Person): Answer {
  return http.post(BASE + path, JSON.stringify(body), { headers: headers(person), tags: { name } });
}

export function get(path: string, name: string, person: Person): Answer {
  return http.get(BASE + path, { headers: headers(person), tags: { name } });
}

function text(answer: Answer, field: string): string {
  const value = answer.json(field);
  return typeof value === "string" ? value : fail(`no ${field} in ${answer.status} ${String(answer.body)}`);
}

/** The same handle for the same seed: a second run finds its people again. */
function person(number: number): Person {
  const handle = `${SEED}_${number}`;
  const made = post("/v1/users", { handle, display_name: `사람 ${number}`, password: PASSWORD }, "register");
  check(made, { "registered, or there": (r) => r.status === 201 || r.status === 409 });
  const session = post("/v1/sessions", { handle, password: PASSWORD }, "log in");
  const user = session.json("user") as { id?: string } | undefined;
  return { id: user?.id ?? text(made, "id"), token: text(session, "token") };
}

export function makePeople(count: number): Person[] {
  return Array.from({ length: count }, (_, number) => person(number));
}

/** Its id. */
export function openRoom(owner: Person, others: readonly Person[], title: string): string {
  const members = others.map((p) => p.id);
  return text(post("/v1/rooms", { kind: "group", title, members }, "open room", owner), "id");
}

/** Each room has `members` people, each person about as many rooms. */
export function makeWorld(people: number, rooms: number, members: number): World {
  const everybody = makePeople(people);
  const made = Array.from({ length: rooms }, (_, number) => {
    const places = Array.from({ length: members }, (_, i) => (number * members + i) % people);
    const [owner, ...others] = places.map((place) => everybody[place] ?? fail("nobody is there"));
    return { id: openRoom(owner ?? fail("a room of nobody"), others, `방 ${number}`), members: places };
  });
  return { people: everybody, rooms: made };
}

const WORDS = ["등산", "온라인커뮤니티", "다시", "봄", "건강", "여행", "사진", "손주", "요리", "텃밭"] as const;

/** Deterministic in its number, so that runs are alike. */
export function sentence(number: number): string {
  return [3, 7, 1].map((step) => WORDS[(number * step + step) % WORDS.length]).join(" ") + ` ${number}`;
}

export const SEARCHED = WORDS;
