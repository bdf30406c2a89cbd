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

/**
 * The address of a server of the local stack, which the server's folder remembers.
 * @param {string} name
 * @returns {string | undefined}
 */
function addressOf(name) {
  const file = join(data, name, 'server.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).url : undefined;
}

/** Sets the settings of the local stack, unless the caller has set them. */
function useLocalStack() {
  const [postgres, redis] = [addressOf('postgres'), addressOf('redis')];
  if (!postgres) fail('There is no local stack yet. Run npm start first, or set DATABASE_URL.');
  const local = {
    DATABASE_URL: new URL('quittance', postgres).href,
    ...(redis && { REDIS_URL: redis }),
    QUITTANCE_KEYSET: join(data, 'keys', 'operator.json'),
  };
  for (const [name, value] of Object.entries(local)) process.env[name] ||= value;
}

if (!existsSync(program)) fail('The command line is not built. Run npm start or npm run build.');
/** It calls the API, from anywhere. */
const isImport = process.argv.includes('import');
if (!process.env['DATABASE_URL'] && !isImport) useLocalStack();
await import(program);
