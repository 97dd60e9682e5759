import { describe, expect, it } from 'vitest';
import { EnterKey, type KeyPress } from '../src/engine/enter';

const enter = (more: Partial<KeyPress> = {}): KeyPress => ({
  key: 'Enter',
  keyCode: 13,
  isComposing: false,
  shiftKey: false,
  otherModifier: false,
  ...more,
});

/** What a browser tells, in its order; how often it was sent, and whether a line break came through. */
function play(steps: ((key: EnterKey) => { send: boolean; prevent: boolean } | void)[], sends = true) {
  const key = new EnterKey(sends);
  let sent = 0;
  let breaks = 0;
  for (const step of steps) {
    const outcome = step(key);
    if (outcome?.send) sent += 1;
    if (outcome && !outcome.prevent && !outcome.send) breaks += 1;
  }
  return { sent, breaks };
}

const compose = (text: string) => (key: EnterKey) => {
  key.compositionStart();
  key.compositionUpdate(text);
};

describe('Enter while Hangul is composed sends once', () => {
  it('in Chromium: keydown, then compositionend', () => {
    expect(
      play([
        compose('요'),
        (key) => key.keyDown(enter({ keyCode: 229, isComposing: true }), 100),
        (key) => void expect(key.compositionEnd('요', 101)).toEqual({ send: true, prevent: false }),
      ]).breaks,
    ).toBe(0);
  });
  it('in Chromium on Windows and in Firefox: and another keydown afterwards', () => {
    const played = play([
      compose('요'),
      (key) => key.keyDown(enter({ keyCode: 229, isComposing: true }), 100),
      (key) => key.compositionEnd('요', 101),
      (key) => key.keyDown(enter(), 110),
    ]);
    expect(played).toEqual({ sent: 1, breaks: 0 });
  });
  it('in Safari: compositionend, then keydown 229', () => {
    const key = new EnterKey(true);
    compose('요')(key);
    expect(key.compositionEnd('요', 100).send).toBe(false);
    expect(key.keyDown(enter({ keyCode: 229 }), 101)).toEqual({ prevent: true, send: true });
    expect(key.swallowsLineBreak(102)).toBe(true);
    expect(key.swallowsLineBreak(300)).toBe(false);
  });
  it('with ibus: compositionend, then a plain keydown', () => {
    const played = play([
      compose('요'),
      (key) => (key.compositionEnd('요', 100), undefined),
      (key) => key.keyDown(enter(), 101),
    ]);
    expect(played).toEqual({ sent: 1, breaks: 0 });
  });
  it('twice only when it is pressed twice', () => {
    const played = play([(key) => key.keyDown(enter(), 100), (key) => key.keyDown(enter(), 400)]);
    expect(played.sent).toBe(2);
  });
});

describe('Enter does not send', () => {
  it('while a Japanese or Chinese candidate is chosen', () => {
    const key = new EnterKey(true);
    compose('にほん')(key);
    expect(key.keyDown(enter({ keyCode: 229, isComposing: true }), 100).send).toBe(false);
    expect(key.compositionEnd('日本', 101).send).toBe(false);
    expect(key.keyDown(enter({ keyCode: 229 }), 102)).toEqual({ prevent: true, send: false });
  });
  it('with Shift', () => {
    expect(new EnterKey(true).keyDown(enter({ shiftKey: true }), 1).send).toBe(false);
  });
  it('where it makes new lines', () => {
    const key = new EnterKey(false);
    expect(key.keyDown(enter(), 1)).toEqual({ prevent: false, send: false });
    compose('요')(key);
    key.keyDown(enter({ isComposing: true, keyCode: 229 }), 10);
    expect(key.compositionEnd('요', 11).send).toBe(false);
  });
});
