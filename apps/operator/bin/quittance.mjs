#!/usr/bin/env node
// `quittance <command>`: the operator's command line. Without DATABASE_URL it works on the local
// stack of `npm start`.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const data = resolve(root, process.env['QUITTANCE_DATA'] ?? '.data');
const program = join(root, 'dist/apps/operator/src/main.js');

/**
 * @param {string} words
 * @returns {never}
 */
function fail(words) {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}

/** Sets the settings of the local stack, unless the caller has set them. */
function useLocalStack() {
  const servers = join(data, 'servers.json');
  if (!existsSync(servers))
    fail('There is no local stack yet. Run npm start first, or set DATABASE_URL.');
  const { postgres, redis } = JSON.parse(readFileSync(servers, 'utf8'));
  const local = {
    DATABASE_URL: `postgres://quittance:${postgres?.password}@127.0.0.1:${postgres?.port}/quittance`,
    ...(redis && { REDIS_URL: `redis://:${redis.password}@127.0.0.1:${redis.port}/0` }),
    QUITTANCE_KEYSET: join(data, 'keys', 'operator.json'),
  };
  for (const [name, value] of Object.entries(local)) process.env[name] ||= value;
}

if (!existsSync(program)) fail('The command line is not built. Run npm start or npm run build.');
if (!process.env['DATABASE_URL']) useLocalStack();
process.setSourceMapsEnabled(true);
await import(program);
