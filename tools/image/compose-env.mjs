// Prints a fresh `.env` for docker-compose.yml: passwords and one key set per process. Run once and
// keep the output; what was sealed with a lost key cannot be opened again.
import { randomBytes } from 'node:crypto';

// Not a static import: the type checker knows the source, and `dist` only once it is built.
const dist = new URL('../../dist/libs/vault/src/index.js', import.meta.url);
/** @type {typeof import('@quittance/vault')} */
const { generateKeySets } = await import(dist.href);

const password = () => randomBytes(24).toString('base64url');
const processes = ['API', 'WORKER', 'WEBHOOK', 'OPERATOR', 'ORDERS'];
const lines = [
  ['POSTGRES_PASSWORD', password()],
  ...processes.map((name) => [`${name}_POSTGRES_PASSWORD`, password()]),
  ...processes.map((name) => [`${name}_REDIS_PASSWORD`, password()]),
  ...Object.entries(generateKeySets()).map(([name, keySet]) => [
    `${name.toUpperCase()}_KEYSET`,
    `'${JSON.stringify(keySet)}'`,
  ]),
];
process.stdout.write(lines.map(([name, value]) => `${name}=${value}\n`).join(''));
