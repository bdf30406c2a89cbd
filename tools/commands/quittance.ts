// `npm run quittance -- <command>`: the operator's CLI. Without DATABASE_URL it works on the local
// stack, which must be up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withDatabase } from '@quittance/databases';
import { dataFolder } from '../place.mjs';
import type { Session } from '../processes/session.js';
import { remembered } from '../servers/remembered.js';
import { operatorEnvironment } from '../stack/apps.js';
import { CLI } from '../stack/operator.js';
import { Problem } from '../terminal/problem.mjs';

const { DATABASE_URL, REDIS_URL, QUITTANCE_KEYSET } = process.env;

/** The environment of the CLI; undefined if there is no database to work on. */
function environment(): Record<string, string | undefined> | undefined {
  const { postgres, redis } = remembered();
  const local =
    postgres &&
    withDatabase(
      `postgres://quittance:${postgres.password}@127.0.0.1:${postgres.port}`,
      'quittance',
    );
  const databaseUrl = DATABASE_URL || local;
  if (!databaseUrl) return undefined;
  const redisUrl =
    REDIS_URL || (redis ? `redis://:${redis.password}@127.0.0.1:${redis.port}/0` : undefined);
  const keyFolder = join(dataFolder, 'keys');
  return {
    ...operatorEnvironment({ databaseUrl, redisUrl, keyFolder }),
    ...(QUITTANCE_KEYSET && { QUITTANCE_KEYSET }),
  };
}

export async function quittance(_session: Session, args: readonly string[]): Promise<number> {
  const env = environment();
  if (env === undefined || !existsSync(CLI)) {
    throw new Problem(
      'There is no local stack yet. Run npm start first, or set DATABASE_URL, QUITTANCE_KEYSET and npm run build.',
    );
  }
  // The key is printed alone on stdout, so nothing of ours may be added to it.
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
