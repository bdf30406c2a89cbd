// How Postgres can be there and not do its work, and what ends that.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onDatabase } from '@quittance/databases';
import { ChaosPostgres } from '../stack/servers.ts';
import { FROZEN_FOR_MS, failedOver, halfOpenUnder, REFUSING_FOR_MS } from './silences.mjs';

const APPS = {
  api: 'DATABASE_URL',
  worker: 'DATABASE_URL',
  webhook: 'DATABASE_URL',
  orders: 'ORDERS_DATABASE_URL',
};

/** @type {readonly import('./silences.mjs').Silence[]} */
const SILENCES = [
  ...halfOpenUnder(Object.keys(APPS)),
  {
    name: 'frozen for 10 s',
    lastsMs: FROZEN_FOR_MS,
    begin: ({ server }) => signalAll(server, 'SIGSTOP'),
    end: ({ server }) => signalAll(server, 'SIGCONT'),
  },
  {
    name: 'only reading for 5 s',
    isShort: true,
    lastsMs: REFUSING_FOR_MS,
    begin: ({ server }) => onlyReads(server, 'on'),
    end: ({ server }) => onlyReads(server, 'off'),
  },
  failedOver,
];

/** @type {import('./silences.mjs').Dependency} */
export const POSTGRES = {
  name: 'postgres',
  title: 'Postgres',
  apps: APPS,
  silences: SILENCES,
  // Nothing is accepted that is not committed.
  answers: new Set(['accepted', '503']),
  start: async ({ session, scale }) => {
    const postgres = await ChaosPostgres.start(session, { isDurable: scale.isDurable });
    return { server: postgres, servers: { postgres } };
  },
  urlOf: ({ setup }, setting) =>
    setting === 'DATABASE_URL' ? setup.databaseUrl : setup.ordersDatabaseUrl,
};

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
