import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Message } from '../api/types';
import { EnterKey, type EnterOutcome } from '../engine/enter';
import { useSay } from '../i18n';
import { nameOf, useApp, useChat } from './context';
import { announce, tell } from './notices';
import { Icon } from './parts';
import { usePreferences } from './preferences';

const kDraftMs = 300;
const kLongest = 4000;
const kEmoji = ['😀', '😂', '🥰', '😊', '👍', '👏', '🙏', '❤️', '🌸', '🌷', '🎉', '☕', '😢', '💪', '🍚', '🙆'];

interface Props {
  room: string;
  replying: Message | null;
  editing: Message | null;
  onDone(): void;
  onEditLast(): void;
}

/** Keeps what was typed on this device, a moment after the last key. */
function useDraft(room: string, field: React.RefObject<HTMLTextAreaElement | null>, off: boolean) {
  const { chat } = useApp();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (off) return undefined;
    const element = field.current;
    if (element && element.value === '') element.value = chat.state.get().drafts[room] ?? '';
    element?.dispatchEvent(new Event('input', { bubbles: true }));
    const keep = () => void chat.keepDraft(room, element?.value ?? '');
    addEventListener('pagehide', keep);
    return () => {
      clearTimeout(timer.current);
      removeEventListener('pagehide', keep);
      keep();
    };
  }, [chat, room, field, off]);
  return () => {
    clearTimeout(timer.current);
    if (off) return;
    const text = field.current?.value ?? '';
    timer.current = setTimeout(() => void chat.keepDraft(room, text), kDraftMs);
  };
}

export function Composer({ room, replying, editing, onDone, onEditLast }: Props) {
  const say = useSay();
  const { chat } = useApp();
  const { enter } = usePreferences();
  const field = useRef<HTMLTextAreaElement>(null);
  const key = useRef(new EnterKey(enter === 'send'));
  const [emoji, setEmoji] = useState(false);
  const people = useChat((s) => s.people);
  const drafted = useDraft(room, field, editing !== null);
  key.current.setSends(enter === 'send');

  const fit = () => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + 2}px`;
  };

  useLayoutEffect(() => {
    const element = field.current;
    if (!element || !editing) return undefined;
    element.value = editing.text ?? '';
    fit();
    element.focus();
    return () => {
      element.value = chat.state.get().drafts[room] ?? '';
      fit();
    };
  }, [editing, chat, room]);
  useEffect(() => {
    if (replying) field.current?.focus();
  }, [replying]);

  const send = () => {
    const element = field.current;
    const text = element?.value.trim() ?? '';
    if (!element || text === '') return;
    if (editing) {
      if (!chat.changes.edit(room, editing.seq, text)) {
        tell(say('needsLine'));
        return;
      }
      onDone();
      return;
    }
    element.value = '';
    fit();
    void chat.send(room, text, replying?.seq ?? null).then(() => drafted());
    onDone();
    element.focus();
  };

  const obey = (outcome: EnterOutcome, event: { preventDefault(): void }) => {
    if (outcome.prevent) event.preventDefault();
    if (outcome.send) send();
  };

  const insert = (text: string) => {
    const element = field.current;
    if (!element) return;
    element.setRangeText(text, element.selectionStart, element.selectionEnd, 'end');
    element.focus();
    setEmoji(false);
    drafted();
    fit();
  };

  // Events of composition and of line breaks as the browser tells them, not as React gathers them.
  const latest = useRef({ send });
  latest.current = { send };
  useEffect(() => {
    const element = field.current;
    if (!element) return undefined;
    const started = () => key.current.compositionStart();
    const updated = (event: CompositionEvent) => key.current.compositionUpdate(event.data);
    const ended = (event: CompositionEvent) => {
      const outcome = key.current.compositionEnd(event.data, performance.now());
      if (!outcome.send) return;
      latest.current.send();
      // Some keyboards put the last syllable back into an emptied field.
      const { data } = event;
      setTimeout(() => {
        if (data !== '' && element.value === data) element.value = '';
      });
    };
    const before = (event: InputEvent) => {
      const breaks = event.inputType === 'insertLineBreak' || event.inputType === 'insertParagraph';
      if (breaks && key.current.swallowsLineBreak(performance.now())) event.preventDefault();
    };
    element.addEventListener('compositionstart', started);
    element.addEventListener('compositionupdate', updated);
    element.addEventListener('compositionend', ended);
    element.addEventListener('beforeinput', before);
    return () => {
      element.removeEventListener('compositionstart', started);
      element.removeEventListener('compositionupdate', updated);
      element.removeEventListener('compositionend', ended);
      element.removeEventListener('beforeinput', before);
    };
  }, []);

  const about = editing ?? replying;
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {about && (
        <div className="composer-about">
          <p>
            <b>
              {editing
                ? say('editing')
                : say('replyTo', { name: nameOf(people[about.sender], say) })}
            </b>
            <span className="quote-text">{about.text}</span>
          </p>
          <button type="button" className="button quiet" onClick={onDone}>
            <Icon name="close" />
            {say('cancel')}
          </button>
        </div>
      )}
      {emoji && (
        <div className="emoji-grid" role="group" aria-label={say('emoji')}>
          {kEmoji.map((each) => (
            <button key={each} type="button" className="emoji" onClick={() => insert(each)}>
              {each}
            </button>
          ))}
        </div>
      )}
      <div className="composer-line">
        <button
          type="button"
          className="button quiet emoji-button"
          aria-expanded={emoji}
          onClick={() => setEmoji(!emoji)}
        >
          <Icon name="smile" />
          {say('emoji')}
        </button>
        <textarea
          ref={field}
          className="composer-field"
          rows={1}
          maxLength={kLongest}
          aria-label={say('messageField')}
          placeholder={say('messageHint')}
          enterKeyHint={enter === 'send' ? 'send' : 'enter'}
          onInput={() => {
            fit();
            drafted();
            if (!editing && field.current?.value) chat.passing.typing(room);
          }}
          onKeyDown={(event) => {
            const { nativeEvent: native } = event;
            if (event.key === 'Escape' && about && !native.isComposing) onDone();
            if (event.key === 'ArrowUp' && field.current?.value === '') onEditLast();
            obey(
              key.current.keyDown(
                {
                  key: native.key,
                  keyCode: native.keyCode,
                  isComposing: native.isComposing,
                  shiftKey: native.shiftKey,
                  otherModifier: native.altKey || native.ctrlKey || native.metaKey,
                },
                performance.now(),
              ),
              event,
            );
          }}
        />
        <button type="submit" className="button primary send">
          <Icon name="send" />
          <span>{editing ? say('save') : say('send')}</span>
        </button>
      </div>
    </form>
  );
}

export async function copyText(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(said);
    tell(said);
  } catch {
    tell(text);
  }
}
