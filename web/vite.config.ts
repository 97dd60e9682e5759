import react from '@vitejs/plugin-react';
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** /sw.js: our service worker with the names of the shell's files in it. */
function serviceWorker(): Plugin {
  return {
    name: 'respring-service-worker',
    apply: 'build',
    generateBundle: {
      // Behind Vite, which takes out the scripts of which only a style is left: one name too many
      // and the worker is never installed.
      order: 'post',
      handler(_options, bundle) {
        const shell = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
        const files = ['/', '/early.js', '/manifest.webmanifest', '/icon.svg', ...shell.map((name) => `/${name}`)];
        const early = readFileSync(new URL('public/early.js', import.meta.url), 'utf8');
        const version = createHash('sha256').update(files.join() + early).digest('hex').slice(0, 12);
        const source = readFileSync(new URL('src/sw.js', import.meta.url), 'utf8')
          .replace("'{{version}}'", JSON.stringify(version))
          .replace("'{{files}}'", JSON.stringify(files));
        this.emitFile({ type: 'asset', fileName: 'sw.js', source });
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), serviceWorker()],
  build: {
    target: 'es2022',
    // Nothing may be inlined into the page or a style: the policy allows only our own files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 500,  // what is loaded first is measured by tests/browser/speed.test.mjs
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:8080', ws: true } } },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
