// `npm run quittance -- <command>`: the operator's CLI. Without DATABASE_URL it works on the local
// stack, which must be up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../place.mjs';
import type { Session } from '../processes/session.js';
import { remembered } from '../servers/remembered.js';
import { entryOf, operatorEnvironment } from '../stack/apps.js';
import { Problem } from '../terminal/problem.mjs';

const { DATABASE_URL, REDIS_URL, QUITTANCE_KEYSET } = process.env;

export async function quittance(_session: Session, args: readonly string[]): Promise<number> {
  const { postgres, redis } = remembered();
  const databaseUrl =
    DATABASE_URL ||
    (postgres && `postgres://quittance:${postgres.password}@127.0.0.1:${postgres.port}/quittance`);
  const redisUrl = REDIS_URL || (redis && `redis://:${redis.password}@127.0.0.1:${redis.port}/0`);
  const program = entryOf('operator');
  if (!databaseUrl || !existsSync(program))
    throw new Problem(
      'There is no local stack yet. Run npm start first, or set DATABASE_URL, QUITTANCE_KEYSET and npm run build.',
    );
  const env = {
    ...operatorEnvironment({ databaseUrl, redisUrl, keyFolder: join(dataFolder, 'keys') }),
    ...(QUITTANCE_KEYSET && { QUITTANCE_KEYSET }),
  };
  // The key is printed alone on stdout, so nothing of ours may be added to it.
  const child = spawn(process.execPath, [program, ...args], { env, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
