// check_types.mjs: is src/api/schema.ts what docs/openapi.json says, the description that the binary serves?
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const tool = join(dirname(require.resolve('openapi-typescript/package.json')), 'bin/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'respring-types-'));
try {
  const fresh = join(folder, 'schema.ts');
  execFileSync(process.execPath, [tool, join(web, '../docs/openapi.json'), '-o', fresh], { stdio: 'pipe' });
  if (readFileSync(fresh, 'utf8') !== readFileSync(join(web, 'src/api/schema.ts'), 'utf8')) {
    console.error('src/api/schema.ts is not what docs/openapi.json says: run npm run types in web/');
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
