// How Postgres can be there and not do it, and what ends that.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onDatabase } from '../../../tools/database/databases.mjs';

/** The apps that have a Postgres, and the setting that says which. */
export const DATABASE_SETTINGS = {
  api: 'DATABASE_URL',
  worker: 'DATABASE_URL',
  webhook: 'DATABASE_URL',
  orders: 'ORDERS_DATABASE_URL',
};

const FROZEN = 'frozen for 10 s';
const ONLY_READS = 'only reading for 5 s';

/**
 * @typedef {object} Silence
 * @property {string} name
 * @property {number} lastsMs until it is ended
 * @property {(broken: { fronts: Record<string, import('../front.mjs').Front>, postgres: object }) => unknown} begin
 * @property {(broken: { postgres: object }) => unknown} [end]
 */

const halfOpen = (name, apps) => ({
  name,
  lastsMs: 0,
  begin: ({ fronts }) => {
    for (const app of apps) fronts[app].silence();
  },
});

/** @type {readonly Silence[]} */
export const SILENCES = [
  halfOpen('half-open under all', Object.keys(DATABASE_SETTINGS)),
  ...Object.keys(DATABASE_SETTINGS).map((app) => halfOpen(`half-open under ${app}`, [app])),
  {
    name: FROZEN,
    lastsMs: 10_000,
    begin: async ({ postgres }) => signalAll(postgres, 'SIGSTOP'),
    end: async ({ postgres }) => signalAll(postgres, 'SIGCONT'),
  },
  {
    name: ONLY_READS,
    lastsMs: 5_000,
    begin: ({ postgres }) => onlyReads(postgres, 'on'),
    end: ({ postgres }) => onlyReads(postgres, 'off'),
  },
];

export const SHORT_SILENCES = SILENCES.filter(({ name }) =>
  ['half-open under all', ONLY_READS].includes(name),
);

/** The postmaster and every process of its. */
async function signalAll({ pid }, signal) {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const children = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child);
  for (const each of [pid, ...children]) process.kill(each, signal);
}

async function onlyReads(postgres, value) {
  await onDatabase(postgres.databaseUrl('postgres'), async (client) => {
    await client.query('SET default_transaction_read_only = off');
    await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    await client.query('SELECT pg_reload_conf()');
  });
}
