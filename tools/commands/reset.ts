// `npm run db:reset`: forgets the local databases and queues. Keys and installed packages stay.
// Databases the environment names are never touched: dropping those is a decision for a person with
// the right tool.
import { readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../place.mjs';
import { ownDataFolder } from '../stack/owner.js';
import { Problem } from '../terminal/problem.mjs';
import { tell } from '../terminal/progress.mjs';

// The API key and the sandbox's journal mean nothing without the database they belong to.
const FORGOTTEN = ['postgres', 'redis', 'servers.json', 'demo.json', 'sandbox.ndjson'];

export async function reset(): Promise<void> {
  if (process.env['DATABASE_URL'])
    throw new Problem('DATABASE_URL is set; only the local databases are reset.');
  await ownDataFolder();
  const present = new Set(readdirSync(dataFolder));
  for (const name of FORGOTTEN.filter((candidate) => present.has(candidate))) {
    const path = join(dataFolder, name);
    // The data may lie elsewhere behind a link, see servers/postgres-home.mjs.
    rmSync(realpathSync(path), { recursive: true, force: true });
    rmSync(path, { recursive: true, force: true });
    tell(`removed ${name}`);
  }
}
