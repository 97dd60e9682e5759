// The shell works without a network: the page, its scripts and styles are kept when it is installed,
// fonts when they are first used. The API is never kept.
const version = '{{version}}';
const files = '{{files}}';
const shell = `shell-${version}`;
const fonts = 'fonts';

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(shell)
      .then((cache) => cache.addAll(files))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('shell-') && name !== shell;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match('/')) ?? Response.error();
  }
}

async function kept(request, into) {
  const known = await caches.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok && into) {
    const cache = await caches.open(into);
    await cache.put(request, answer.clone());
  }
  return answer;
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith('/v1') || url.pathname.startsWith('/demo/')) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (url.pathname.endsWith('.woff2')) event.respondWith(kept(request, fonts));
  else if (url.pathname.startsWith('/assets/') || url.pathname === '/early.js') event.respondWith(kept(request, shell));
});
