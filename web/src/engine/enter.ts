/**
 * Enter in the message field. Hangul is composed while it is typed, and browsers tell in different
 * orders that the last syllable is complete and that Enter was pressed:
 *
 *   Chromium          keydown Enter (composing) → compositionend
 *   Firefox           the same; on some systems followed by another keydown Enter
 *   Safari            compositionend → keydown with code 229
 *   Linux with ibus   compositionend → keydown Enter
 *
 * Expected everywhere: one Enter sends once, with the last syllable. While Japanese or Chinese is
 * composed, Enter chooses a candidate and sends nothing.
 */
export interface KeyPress {
  key: string;
  keyCode: number;
  isComposing: boolean;
  shiftKey: boolean;
  /** Alt, Ctrl or Meta. */
  otherModifier: boolean;
}

export interface EnterOutcome {
  /** Keep the browser from doing what it does with this key. */
  prevent: boolean;
  send: boolean;
}

const kNothing: EnterOutcome = { prevent: false, send: false };
/** Two events that belong to one press of the key are at most this far apart. */
const kTogetherMs = 50;
const kHangul = /^[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\s]*$/;

export class EnterKey {
  private composing = false;
  private hangul = false;
  private wanted = false;
  private endedAt = -Infinity;
  private sentAt = -Infinity;

  /** `sends`: Enter sends at all; otherwise it makes a new line. */
  constructor(private sends: boolean) {}

  setSends(sends: boolean): void {
    this.sends = sends;
  }

  compositionStart(): void {
    this.composing = true;
    this.wanted = false;
    this.hangul = true;
  }

  /** `data`: what is being composed. */
  compositionUpdate(data: string): void {
    this.hangul = kHangul.test(data);
  }

  compositionEnd(data: string, now: number): EnterOutcome {
    if (data !== '') this.hangul = kHangul.test(data);
    this.composing = false;
    this.endedAt = now;
    if (!this.wanted) return kNothing;
    this.wanted = false;
    return this.send(now, false);
  }

  keyDown(press: KeyPress, now: number): EnterOutcome {
    const isEnter = press.key === 'Enter';
    if (!isEnter || !this.sends || press.shiftKey || press.otherModifier) return kNothing;
    // The same press, told twice.
    if (now - this.sentAt < kTogetherMs) return { prevent: true, send: false };
    if (press.isComposing || this.composing) {
      if (!this.hangul) return kNothing;
      this.wanted = true;
      return { prevent: true, send: false };
    }
    const endsComposition = press.keyCode === 229 && now - this.endedAt < kTogetherMs;
    if (endsComposition && !this.hangul) return { prevent: true, send: false };
    return this.send(now, true);
  }

  /** The browser is about to insert a line break: does it belong to an Enter that has sent? */
  swallowsLineBreak(now: number): boolean {
    return now - this.sentAt < kTogetherMs;
  }

  private send(now: number, prevent: boolean): EnterOutcome {
    this.sentAt = now;
    return { prevent, send: true };
  }
}
