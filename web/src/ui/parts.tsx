import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { useSay } from '../i18n';
import { onStage } from './notices';

const kPaths = {
  back: 'M15 5l-7 7 7 7',
  send: 'M4 12l16-8-6 16-3-7z',
  dots: 'M12 5v.01M12 12v.01M12 19v.01',
  search: 'M11 4a7 7 0 110 14 7 7 0 010-14zm5 12l5 5',
  plus: 'M12 5v14M5 12h14',
  gear: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M6 9l6 6 6-6',
  smile: 'M12 3a9 9 0 110 18 9 9 0 010-18zM8.5 14.5a4.5 4.5 0 007 0M9 9.5v.01M15 9.5v.01',
  pin: 'M9 4h6l-1 6 3 3H7l3-3zM12 13v7',
  mute: 'M6 9h3l4-4v14l-4-4H6zM17 9l4 6M21 9l-4 6',
};

export function Icon({ name }: { name: keyof typeof kPaths }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={kPaths[name]} />
    </svg>
  );
}

/** The first letter of a name on a quiet colour of its own. */
export function Avatar({ name, id }: { name: string; id: string }) {
  const tone = Number(BigInt(/^\d+$/.test(id) ? id : '0') % 6n);
  return (
    <span className={`avatar tone${tone}`} aria-hidden="true">
      {[...name.trim()][0] ?? '·'}
    </span>
  );
}

/** Grey lines, once loading takes longer than a blink. */
export function Skeleton({ rows = 5 }: { rows?: number }) {
  const say = useSay();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div className="skeleton">
      <span className="unseen">{say('loading')}</span>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="skeleton-row" />
      ))}
    </div>
  );
}

export function Trouble({ text, retry }: { text: string; retry(): void }) {
  const say = useSay();
  return (
    <div className="trouble" role="alert">
      <p>{text}</p>
      <button type="button" className="button primary" onClick={retry}>
        {say('again')}
      </button>
    </div>
  );
}

interface SheetProps {
  title: string;
  onClose(): void;
  children: ReactNode;
  /** A small one beside what it belongs to, or a page of its own on a phone. */
  kind?: 'menu' | 'page';
}

/**
 * A dialog: the browser's own element keeps the focus inside, makes the rest inert and closes on
 * Escape. It gives the focus back to where it was.
 */
export function Sheet({ title, onClose, children, kind = 'page' }: SheetProps) {
  const say = useSay();
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    const leave = dialog ? onStage(dialog) : undefined;
    return () => {
      leave?.();
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- Escape does the same
    <dialog
      ref={ref}
      className={`sheet ${kind}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="sheet-body">
        <header className="sheet-head">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="button quiet" onClick={onClose}>
            <Icon name="close" />
            {say('close')}
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface ChoiceProps<T extends string | number> {
  legend: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange(value: T): void;
}

export function Choice<T extends string | number>({ legend, value, options, onChange }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend>{legend}</legend>
      <div className="choice-row">
        {options.map(([option, label]) => (
          <label key={option} className="choice-item">
            <input
              type="radio"
              name={name}
              checked={option === value}
              onChange={() => onChange(option)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
