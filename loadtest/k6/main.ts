// k6 run -e SCENARIO=smoke loadtest/k6/main.ts
import { check, fail } from "k6";
import exec from "k6/execution";
import { Counter, Gauge, Trend } from "k6/metrics";
import { clearTimeout, setTimeout } from "k6/timers";
import { WebSocket } from "k6/websockets";
import { alone, broke, cid, filled, SECONDS } from "./bench.ts";
import { BASE, get, makePeople, makeWorld, post, SEARCHED, sentence, type Person, type World } from "./people.ts";
import { LOADS } from "./scenarios.ts";

const NAME = __ENV.SCENARIO ?? "smoke";
const load = LOADS[NAME] ?? fail(`no scenario '${NAME}': ${Object.keys(LOADS).join(", ")}`);

export const options = { ...load.options, setupTimeout: "5m", noConnectionReuse: false };

const delivery = new Trend("delivery_ms", true);
const deliveries = new Counter("deliveries");
const ready = new Trend("ready_ms", true);
/** Sends a second that were due at the end: where a run to the knee was ended. */
const asked = new Gauge("asked_per_s");

export { benchHistory, benchSend } from "./bench.ts";

export function setup(): World {
  if (NAME === "bench-send") return alone(makePeople(load.people));
  if (NAME === "bench-history") return filled(makePeople(load.people));
  return makeWorld(load.people, load.rooms, load.members);
}

const turn = () => exec.scenario.iterationInTest;
const one = <T>(list: readonly T[], number: number): T => list[number % list.length] ?? fail("an empty list");

/** A room, and one of its members, another one each time. */
function place(world: World, number: number): { room: string; person: Person } {
  const room = one(world.rooms, number);
  return { room: room.id, person: one(world.people, one(room.members, Math.floor(number / world.rooms.length))) };
}

export function send(world: World): void {
  const number = turn();
  const { room, person } = place(world, number);
  if (load.asked) asked.add(load.asked((Date.now() - exec.scenario.startTime) / 1000));
  // The time travels in the text, so that whoever receives it knows how long it took.
  const text = `${sentence(number)} @${Date.now()}`;
  const answer = post(`/v1/rooms/${room}/messages`, { cid: cid(), text }, "send", person);
  check(answer, { "send is stored": (r) => r.status === 201 });
}

export function read(world: World): void {
  const { room, person } = place(world, turn());
  const answer = get(`/v1/rooms/${room}/messages?limit=50`, "history", person);
  check(answer, { "history is read": (r) => r.status === 200 });
}

export function search(world: World): void {
  const number = turn();
  const query = encodeURIComponent(one(SEARCHED, number));
  check(get(`/v1/search?q=${query}`, "search", one(world.people, number)), { "search answers": (r) => r.status === 200 });
}

interface Frame {
  readonly op: string;
  readonly message?: { readonly text?: string };
}

/** Longer than the thresholds of `ready_ms` ask: which is slow is their matter, this is who is never answered. */
const NEVER = 15_000;
const OPEN = 1;

/** Opens, says hello, hears for `ms` from then on what comes, closes. */
function connect(person: Person, ms: number): void {
  const begun = Date.now();
  const socket = new WebSocket(BASE.replace(/^http/, "ws") + "/v1/ws", null, {
    headers: { Authorization: `Bearer ${person.token}` },
    tags: { name: "websocket" },
  });
  let isReady = false;
  let told = false;
  const tell = () => {
    if (!told) check(isReady, { "connection became ready": (r) => r });
    told = true;
  };
  const end = () => {
    tell();
    // k6 1.8 waits for ever in close() of a connection that is no more.
    if (socket.readyState === OPEN) socket.close();
  };
  const patience = setTimeout(end, NEVER);
  let leave = patience;
  socket.onclose = () => {
    clearTimeout(patience);
    clearTimeout(leave);
    tell();
  };
  socket.onopen = () => socket.send(JSON.stringify({ op: "hello" }));
  socket.onmessage = (message) => {
    const frame = JSON.parse(String(message?.data)) as Frame;
    if (frame.op === "ready") {
      isReady = true;
      ready.add(Date.now() - begun);
      clearTimeout(patience);
      leave = setTimeout(end, ms);
    }
    const sent = /@(\d+)$/.exec(frame.message?.text ?? "")?.[1];
    if (frame.op === "event" && isReady && sent) {
      delivery.add(Date.now() - Number(sent));
      deliveries.add(1);
    }
  };
  socket.onerror = (event) => {
    clearTimeout(patience);
    broke(event);
  };
}

export function listen(world: World): void {
  connect(one(world.people, turn()), 6000);
}

/** From before the first send until after the last one was heard. */
export function listenOnce(world: World): void {
  connect(one(world.people, turn()), (3 + SECONDS + 3) * 1000);
}

export function reconnect(world: World): void {
  connect(one(world.people, turn()), 2000);
}
