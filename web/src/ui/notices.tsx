import { useEffect, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { Store } from '../engine/store';

interface Toast {
  id: number;
  text: string;
  action?: { label: string; run(): void };
  lastsMs: number;
}

/** An open dialog makes the rest of the page deaf: notices are then shown, and spoken, inside it. */
const stages = new Store<HTMLElement[]>([]);

/** Until what it returns is called. */
export function onStage(dialog: HTMLElement): () => void {
  stages.update((all) => [...all, dialog]);
  return () => stages.update((all) => all.filter((each) => each !== dialog));
}

const toasts = new Store<Toast[]>([]);
const spoken = new Store('');
let count = 0;

const kLastsMs = 6000;
/** So long what was said stays in the page: nobody should come upon it later. */
const kSpokenMs = 5000;
let silence: ReturnType<typeof setTimeout> | undefined;

/** Tells something for a few seconds, with at most one thing to do about it. */
export function tell(text: string, action?: Toast['action'], lastsMs = kLastsMs): void {
  const toast: Toast = { id: ++count, text, lastsMs, ...(action ? { action } : {}) };
  toasts.update((all) => [...all, toast].slice(-2));
}

/** Says something to those who listen to the screen. */
export function announce(text: string): void {
  spoken.set(spoken.get() === text ? `${text}\u00a0` : text);
  clearTimeout(silence);
  silence = setTimeout(() => spoken.set(''), kSpokenMs);
}

/** Says what a screen shows when it changes by itself. Empty: nothing. */
export function useAnnounced(text: string): void {
  useEffect(() => {
    if (text !== '') announce(text);
  }, [text]);
}

function Line({ toast }: { toast: Toast }) {
  const close = () => toasts.update((all) => all.filter((each) => each.id !== toast.id));
  useEffect(() => {
    const timer = setTimeout(close, toast.lastsMs);
    return () => clearTimeout(timer);
  });
  return (
    <div className="toast">
      <span>{toast.text}</span>
      {toast.action && (
        <button
          type="button"
          className="button toast-action"
          onClick={() => {
            toast.action?.run();
            close();
          }}
        >
          {toast.action.label}
        </button>
      )}
    </div>
  );
}

export function Notices() {
  const all = useSyncExternalStore(toasts.subscribe, toasts.get);
  const words = useSyncExternalStore(spoken.subscribe, spoken.get);
  const open = useSyncExternalStore(stages.subscribe, stages.get);
  const region = (
    <div className="toasts" role="status" aria-live="polite">
      {all.map((toast) => (
        <Line key={toast.id} toast={toast} />
      ))}
      <span className="unseen">{words}</span>
    </div>
  );
  return createPortal(region, open[open.length - 1] ?? document.body);
}
