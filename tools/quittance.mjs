// `npm run quittance -- <command>`: the operator's CLI. Without DATABASE_URL it works on the local stack, which must be up.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withDatabase } from './database/databases.mjs';
import { dataFolder } from './place.mjs';
import { remembered } from './servers/remembered.mjs';
import { operatorEnvironment } from './stack/apps.mjs';
import { CLI } from './stack/operator.mjs';

function localSetup() {
  const { postgres, redis } = remembered();
  return {
    databaseUrl:
      process.env.DATABASE_URL ||
      (postgres &&
        withDatabase(
          `postgres://quittance:${postgres.password}@127.0.0.1:${postgres.port}`,
          'quittance',
        )),
    redisUrl:
      process.env.REDIS_URL || (redis && `redis://:${redis.password}@127.0.0.1:${redis.port}/0`),
    keyFolder: join(dataFolder, 'keys'),
  };
}

const setup = localSetup();
if (!setup.databaseUrl || !existsSync(CLI)) {
  console.error(
    'There is no local stack yet. Run npm start first, or set DATABASE_URL, QUITTANCE_KEYSET and npm run build.',
  );
  process.exit(1);
}
const env = operatorEnvironment(setup);
if (process.env.QUITTANCE_KEYSET) env.QUITTANCE_KEYSET = process.env.QUITTANCE_KEYSET;
// The key is printed alone on stdout, so nothing of ours may be added to it.
const child = spawn(process.execPath, [CLI, ...process.argv.slice(2)], { env, stdio: 'inherit' });
child.on('exit', (code) => process.exit(code ?? 1));
