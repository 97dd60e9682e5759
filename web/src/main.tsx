import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/parts.css';
import './styles/pages.css';
import './styles/rooms.css';
import './styles/message.css';
import './styles/composer.css';
import './styles/conversation.css';
import { createRoot } from 'react-dom/client';
import { startWords } from './i18n';
import { preferences, startPreferences } from './ui/preferences';
import { Root } from './ui/root';
import { Notices } from './ui/notices';

startWords(preferences.get().language);
startPreferences();
createRoot(document.getElementById('root')!).render(
  <>
    <Root />
    <Notices />
  </>,
);

/** Only our own worker may ever be loaded (Trusted Types). */
function workerUrl(): string {
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (!types) return '/sw.js';
  const policy = types.createPolicy('respring', {
    createScriptURL: (url) => {
      if (url !== '/sw.js') throw new TypeError('not our worker');
      return url;
    },
  });
  return policy.createScriptURL('/sw.js') as unknown as string;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): object };
}

/** Letters of our own compete with the first messages for a thin line: where they are not kept yet,
 * they come when those are there. */
function loadFonts(): void {
  const load = () => void import('./styles/fonts.css').catch(() => undefined);
  const kept = 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null;
  if (kept) load();
  else setTimeout(load, 2000);
}

addEventListener('load', () => {
  loadFonts();
  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    navigator.serviceWorker.register(workerUrl()).catch(() => undefined);
  }
});
