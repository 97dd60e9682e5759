import { useSyncExternalStore } from 'react';
import { Store } from '../engine/store';
import { speak } from '../i18n';

/** How this device shows things. Nothing about the person: it may stay after a log-out. */
export interface Preferences {
  size: 1 | 2 | 3 | 4 | 5;
  theme: 'auto' | 'light' | 'dark' | 'contrast';
  language: 'ko' | 'en';
  enter: 'send' | 'break';
  list: 'normal' | 'simple';
}

const kKey = 'respring-preferences';
/** A device that is touched has no Shift key at hand: Enter makes a new line there. */
const touched = () => matchMedia('(pointer: coarse)').matches;

function read(): Preferences {
  const first: Preferences = {
    size: 1,
    theme: 'auto',
    language: navigator.language.startsWith('en') ? 'en' : 'ko',
    enter: touched() ? 'break' : 'send',
    list: 'normal',
  };
  try {
    return { ...first, ...(JSON.parse(localStorage.getItem(kKey) ?? '{}') as Partial<Preferences>) };
  } catch {
    return first;
  }
}

export const preferences = new Store<Preferences>(read());

function show(now: Preferences): void {
  const { theme, size, language } = now;
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const root = document.documentElement;
  root.dataset['theme'] = theme === 'auto' ? (dark ? 'dark' : 'light') : theme;
  root.dataset['size'] = String(size);
  speak(language);
  const colour = getComputedStyle(root).getPropertyValue('--surface').trim();
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', colour);
}

export function startPreferences(): void {
  show(preferences.get());
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => show(preferences.get()));
  preferences.subscribe(() => {
    show(preferences.get());
    try {
      localStorage.setItem(kKey, JSON.stringify(preferences.get()));
    } catch {
      // A private window keeps nothing: they hold as long as the page.
    }
  });
}

export function prefer(change: Partial<Preferences>): void {
  preferences.update((now) => ({ ...now, ...change }));
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(preferences.subscribe, preferences.get);
}
