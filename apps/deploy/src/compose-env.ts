import { randomBytes } from 'node:crypto';
import { PROCESSES } from '@quittance/databases';
import { generateKeySets } from '@quittance/vault';

/** The services that publish payments: they have a user in Redis and nothing else. */
const PUBLISHER = 'PUBLISHER';

const password = () => randomBytes(24).toString('base64url');

/**
 * Prints a fresh `.env` for docker-compose.yml: passwords, and one key set for each process. Run it
 * once and keep the output: what was encrypted with a lost key cannot be decrypted again.
 */
export async function composeEnv(): Promise<number> {
  const processes = PROCESSES.map((name) => name.toUpperCase());
  const lines = [
    ['POSTGRES_PASSWORD', password()],
    ...processes.map((name) => [`${name}_POSTGRES_PASSWORD`, password()]),
    ...[...processes, PUBLISHER].map((name) => [`${name}_REDIS_PASSWORD`, password()]),
    ...Object.entries(generateKeySets()).map(([name, keySet]) => [
      `${name.toUpperCase()}_KEYSET`,
      `'${JSON.stringify(keySet)}'`,
    ]),
  ];
  process.stdout.write(lines.map(([name, value]) => `${name}=${value}\n`).join(''));
  return 0;
}
