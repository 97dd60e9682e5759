// pack.mjs FOLDER PACK: puts the built client's files into one, with their compressed forms and what
// an HTTP server has to know of them. The format: pkg/services/gateway/web_files.h.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
const compressible = new Set(['.css', '.html', '.js', '.json', '.svg', '.webmanifest', '.txt']);

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else yield path;
  }
}

function describe(folder, file) {
  const path = '/' + relative(folder, file).split(sep).join('/');
  const kind = extname(file);
  const type = types[kind];
  if (!type) throw new Error(`pack.mjs does not know the type of ${path}`);
  const plain = readFileSync(file);
  const etag = `"${createHash('sha256').update(plain).digest('hex').slice(0, 20)}"`;
  const none = Buffer.alloc(0);
  const pays = compressible.has(kind);
  const gzip = pays ? gzipSync(plain, { level: 9 }) : none;
  const br = pays
    ? brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
    : none;
  const lasting = path.startsWith('/assets/') ? 1 : 0;
  const line = [path, type, etag, lasting, plain.length, gzip.length, br.length].join('\t');
  return { line, bytes: [plain, gzip, br] };
}

const [folder, pack] = process.argv.slice(2);
const files = [...filesIn(folder)].sort().map((file) => describe(folder, file));
const index = `respring-web 1\n${files.map((file) => file.line + '\n').join('')}\n`;
writeFileSync(`${pack}.new`, Buffer.concat([Buffer.from(index), ...files.flatMap((f) => f.bytes)]));
renameSync(`${pack}.new`, pack);
