// The scenarios of `respring bench send` and `respring bench history`, the same load by another generator.
import { check, fail } from "k6";
import exec from "k6/execution";
import { Counter, Trend } from "k6/metrics";
import { setTimeout } from "k6/timers";
import { WebSocket } from "k6/websockets";
import { BASE, get, openRoom, post, type Person, type World } from "./people.ts";

const number = (name: string, usual: number) => Number(__ENV[name] ?? usual);
export const CONNECTIONS = number("CONNECTIONS", 8);
export const RATE = number("RATE", 500);
export const SECONDS = number("SECONDS", 10);
export const ROOMS = number("ROOMS", 50);
const TEXT = "x".repeat(number("BYTES", 100));
const PAGES_OF = 200;

const ack = new Trend("bench_ack_ms", true);
const delivered = new Trend("bench_delivery_ms", true);
const sent = new Counter("bench_sent");
const acked = new Counter("bench_acked");

/** A version 4 UUID from Math.random: a cid need not be secret. */
export function cid(): string {
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
}

declare const console: { warn(text: string): void };

/** Of a connection: counted, and said why. */
export function broke(event?: { readonly error: string }): void {
  console.warn(`connection: ${event?.error ?? "no reason"}`);
  check(event, { "connection has no error": () => false });
}

/** Everybody writes to a room of his own. */
export function alone(people: readonly Person[]): World {
  return { people, rooms: people.map((person, i) => ({ id: openRoom(person, [], `벤치 ${i}`), members: [i] })) };
}

/** One connection, whose messages are due at fixed moments; delays count from there. */
export function benchSend(world: World): void {
  const mine = exec.vu.idInTest - 1;
  const person = world.people[mine] ?? fail("more connections than people");
  const { id: room } = world.rooms[mine] ?? fail("more connections than rooms");
  const dues: number[] = [];
  let heard = 0;
  const socket = new WebSocket(BASE.replace(/^http/, "ws") + "/v1/ws", null, {
    headers: { Authorization: `Bearer ${person.token}` },
    tags: { name: "websocket" },
  });
  const every = (1000 * CONNECTIONS) / RATE;

  const run = () => {
    const begun = Date.now();
    const tick = () => {
      const now = Date.now();
      for (let due = begun + dues.length * every; due <= now && due < begun + SECONDS * 1000; due += every) {
        socket.send(JSON.stringify({ op: "send", ref: String(dues.length), room, cid: cid(), text: TEXT }));
        dues.push(due);
        sent.add(1);
      }
      if (now < begun + SECONDS * 1000) setTimeout(tick, 1);
      else setTimeout(() => socket.close(), 1000); // for the last acks
    };
    tick();
  };

  socket.onopen = () => socket.send(JSON.stringify({ op: "hello" }));
  socket.onmessage = (message) => {
    const now = Date.now();
    const frame = JSON.parse(String(message?.data)) as { op: string; ref?: string; kind?: string };
    if (frame.op === "ready") run();
    if (frame.op === "error") check(frame, { "no frame is refused": () => false });
    if (frame.op === "ack") {
      ack.add(now - (dues[Number(frame.ref)] ?? now));
      acked.add(1);
    }
    // The room is his alone and keeps the order: the next one delivered is the next one sent.
    if (frame.op === "event" && frame.kind === "message") delivered.add(now - (dues[heard++] ?? now));
  };
  socket.onerror = broke;
}

/** A room with enough to page through. */
export function filled(people: readonly Person[]): World {
  const person = people[0] ?? fail("nobody is there");
  const room = openRoom(person, [], "지난 글");
  for (let i = 0; i < PAGES_OF; ++i) post(`/v1/rooms/${room}/messages`, { cid: cid(), text: TEXT }, "fill", person);
  return { people: [person], rooms: [{ id: room, members: [0] }] };
}

export function benchHistory(world: World): void {
  const person = world.people[0] ?? fail("nobody is there");
  const page = get(`/v1/rooms/${world.rooms[0]?.id}/messages?limit=50`, "history", person);
  check(page, { "history is read": (r) => r.status === 200 });
}

