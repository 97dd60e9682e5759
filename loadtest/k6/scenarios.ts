// The table of loads: who comes how often, and what must hold.
import type { Options, Scenario } from "k6/options";
import { CONNECTIONS, RATE, ROOMS, SECONDS } from "./bench.ts";

export interface Load {
  readonly people: number;
  readonly rooms: number;
  /** Of each room. A send is as many deliveries: k6 hears a few thousand a second on a core, not more. */
  readonly members: number;
  /** Sends a second that are due so many seconds after the start, where that is what is looked for. */
  readonly asked?: (seconds: number) => number;
  readonly options: Options;
}

/** Every duration below is multiplied by it: `-e TIME=0.1` for a look, `-e TIME=0.01` for a soak of minutes. */
const TIME = Number(__ENV.TIME ?? 1);
const exactly = (count: number) => `${count}s`;
const seconds = (count: number) => exactly(Math.max(1, Math.round(count * TIME)));
const minutes = (count: number) => seconds(60 * count);

/** `rate` times a second, however long an answer takes. */
function steady(exec: string, rate: number, duration: string): Scenario {
  return {
    executor: "constant-arrival-rate",
    exec,
    rate,
    timeUnit: "1s",
    duration,
    preAllocatedVUs: Math.max(10, Math.ceil(rate / 2)),
    maxVUs: Math.max(20, rate * 2),
  };
}

function rising(exec: string, stages: { target: number; duration: string }[]): Scenario {
  return { executor: "ramping-arrival-rate", exec, startRate: 1, timeUnit: "1s", preAllocatedVUs: 50, maxVUs: 2000, stages };
}

const KNEE = [200, 400, 800, 1600, 3200];

/** On the way from one rate of KNEE to the next, a minute each. */
function towards_knee(after: number): number {
  const minute = after / (60 * TIME);
  const stage = Math.min(Math.floor(minute), KNEE.length - 1);
  const from = KNEE[stage - 1] ?? 1;
  return Math.round(from + ((KNEE[stage] ?? from) - from) * Math.min(minute - stage, 1));
}

function live(connections: number, duration: string): Scenario {
  return { executor: "constant-vus", exec: "listen", vus: connections, duration, gracefulStop: exactly(30) };
}

/** What people notice. Less strict where the load is meant to be too much. */
function thresholds(patience: number): Options["thresholds"] {
  return {
    checks: ["rate>0.999"],
    "http_req_failed{scenario:send}": ["rate<0.001"],
    "http_req_duration{name:send}": [`p(99)<${250 * patience}`],
    "http_req_duration{name:history}": [`p(99)<${250 * patience}`],
    "http_req_duration{name:search}": [`p(99)<${1000 * patience}`],
    delivery_ms: [`p(99)<${500 * patience}`],
    deliveries: ["count>0"],
  };
}

function evening(rate: number, connections: number, duration: string): Options["scenarios"] {
  return {
    send: steady("send", rate, duration),
    read: steady("read", Math.ceil(rate / 2), duration),
    search: steady("search", Math.ceil(rate / 10), duration),
    listen: live(connections, duration),
  };
}

/** Begins when those who listen are there. */
function afterwards(scenarios: Options["scenarios"]): Options["scenarios"] {
  return Object.fromEntries(Object.entries(scenarios ?? {}).map(([name, one]) => [name, { ...one, startTime: exactly(3) }]));
}

/** As `respring bench` does it: nothing must be refused; how long it takes is what is asked. */
function bench(exec: string, people: number, scenario: Scenario, metric: string): Load {
  const thresholds = { checks: ["rate==1"], [metric]: ["p(99)<60000"] };
  return { people, rooms: 0, members: 0, options: { scenarios: { [exec]: scenario }, thresholds } };
}

export const LOADS: Readonly<Record<string, Load>> = {
  // Patient: it runs beside compilers. It asks whether all works, not how fast.
  smoke: { people: 4, rooms: 2, members: 4, options: { scenarios: evening(10, 4, seconds(8)), thresholds: thresholds(20) } },
  average: { people: 100, rooms: 50, members: 8, options: { scenarios: evening(200, 100, minutes(5)), thresholds: thresholds(1) } },
  stress: {
    people: 100,
    rooms: 100,
    members: 2,
    asked: towards_knee,
    options: {
      scenarios: {
        send: rising("send", KNEE.map((target) => ({ target, duration: minutes(1) }))),
        listen: live(100, minutes(5)),
      },
      thresholds: {
        "http_req_duration{name:send}": [{ threshold: "p(99)<1000", abortOnFail: true, delayAbortEval: "30s" }],
        "http_req_failed{scenario:send}": [{ threshold: "rate<0.01", abortOnFail: true, delayAbortEval: "30s" }],
      },
    },
  },
  spike: {
    people: 100,
    rooms: 50,
    members: 4,
    options: {
      scenarios: {
        send: rising("send", [
          { target: 100, duration: seconds(30) },
          { target: 1000, duration: seconds(2) },
          { target: 1000, duration: seconds(30) },
          { target: 100, duration: seconds(2) },
          { target: 100, duration: minutes(1) },
        ]),
        listen: live(100, minutes(2)),
      },
      // Some may be refused early and clearly; nothing may be lost or take for ever.
      thresholds: { "http_req_duration{name:send}": ["p(99)<5000"], checks: ["rate>0.95"] },
    },
  },
  soak: { people: 100, rooms: 50, members: 8, options: { scenarios: evening(100, 200, minutes(240)), thresholds: thresholds(1) } },
  reconnect: {
    people: 100,
    rooms: 50,
    members: 4,
    options: {
      scenarios: {
        send: steady("send", 50, minutes(2)),
        storm: { executor: "per-vu-iterations", exec: "reconnect", vus: 500, iterations: 10, maxDuration: minutes(2) },
      },
      thresholds: { ready_ms: ["p(99)<5000"], checks: ["rate>0.99"] },
    },
  },
  search: {
    people: 20,
    rooms: 20,
    members: 8,
    options: {
      scenarios: { send: steady("send", 20, minutes(3)), search: steady("search", 100, minutes(3)), read: steady("read", 20, minutes(3)) },
      thresholds: { "http_req_duration{name:search}": ["p(99)<1000"], checks: ["rate>0.999"] },
    },
  },
  "bench-send": bench(
    "benchSend",
    CONNECTIONS,
    { executor: "per-vu-iterations", exec: "benchSend", vus: CONNECTIONS, iterations: 1, maxDuration: exactly(SECONDS + 60) },
    "bench_ack_ms",
  ),
  "bench-mixed": {
    people: CONNECTIONS,
    rooms: ROOMS,
    members: 8,
    options: {
      scenarios: {
        ...afterwards(evening(RATE, CONNECTIONS, exactly(SECONDS))),
        listen: { executor: "per-vu-iterations", exec: "listenOnce", vus: CONNECTIONS, iterations: 1, maxDuration: exactly(SECONDS + 60) },
      },
      thresholds: { ...thresholds(240), checks: ["rate==1"] },
    },
  },
  "bench-history": bench(
    "benchHistory",
    1,
    { executor: "constant-vus", exec: "benchHistory", vus: CONNECTIONS, duration: exactly(SECONDS) },
    "http_req_duration{name:history}",
  ),
};
