// Asks for what the first screen needs while the program itself is still on its way: who is here, his
// rooms, and the conversation that the address names. In this order, as the program would: a history
// that is older than the list would hide what happened in between. `src/api/http.ts` takes the answers.
(() => {
  const answers = {};
  const ask = (path) => {
    const answer = fetch(path, { credentials: 'same-origin', cache: 'no-store' }).catch(() => null);
    answers[path] = answer;
    return answer;
  };
  globalThis.respringEarly = answers;
  if (location.pathname === '/gallery') return;
  const room = /^\/rooms\/(\d+)$/.exec(location.pathname)?.[1];
  void ask('/v1/users/me')
    .then((me) => (me?.ok ? ask('/v1/rooms?limit=100') : null))
    .then((rooms) => {
      if (rooms?.ok && room && !location.search) void ask(`/v1/rooms/${room}/messages?limit=50`);
    });
})();
