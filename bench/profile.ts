// `--profile`: CPU profiles of processes, and the cost of SQL statements, over the rounds that
// count.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inspected } from '../test/support/inspected.js';
import { onDatabase } from '@quittance/databases';
import { dataPath } from '../tools/place.mjs';
import { freePort } from '../tools/servers/ports.js';

/** Fine enough for functions of some microseconds; its own cost is a few percent. */
const SAMPLE_EVERY_US = 500;
const RESET =
  'CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()';
const COSTS = `
  SELECT round(total_plan_time + total_exec_time)::int AS total_ms, round(total_plan_time)::int AS plan_ms, calls::int,
    rows::int, round(mean_exec_time * 1000)::int AS mean_us, round(wal_bytes / greatest(calls, 1))::int AS wal_bytes,
    left(datname || ': ' || regexp_replace(query, '\\s+', ' ', 'g'), 100) AS statement
  FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid ORDER BY 1 DESC LIMIT 20`;

/** Prepares the profiles of processes by their names, such as `api`, `bare-api` or `postgres`. */
export async function prepareProfiles(names: readonly string[]) {
  const withStatements = names.includes('postgres');
  const processes: Inspected[] = [];
  for (const name of names)
    if (name !== 'postgres') processes.push(new Inspected(name, await freePort()));
  return {
    withStatements,
    /** Adds to the environment of a process. */
    environmentOf: (name: string): Record<string, string> => {
      const port = processes.find((one) => one.name === name)?.port;
      return port === undefined ? {} : { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` };
    },
    /** Begins to record: processes, and the statements on all databases of the server. */
    async start(databaseUrl: string): Promise<void> {
      if (withStatements) await onDatabase(databaseUrl, (client) => client.query(RESET));
      for (const one of processes) {
        await one.ask('Profiler.enable');
        await one.ask('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
        await one.ask('Profiler.start');
      }
    },
    /** Stores the profiles for Chrome's developer tools, and prints the dearest statements. */
    async stop(databaseUrl: string): Promise<void> {
      for (const one of processes) {
        const { profile } = await one.ask<{ profile: object }>('Profiler.stop');
        const file = join(dataPath('profiles'), `${one.name}.cpuprofile`);
        writeFileSync(file, JSON.stringify(profile));
        one.close();
        console.log(`CPU profile: ${file}`);
      }
      if (withStatements)
        console.table((await onDatabase(databaseUrl, (client) => client.query(COSTS))).rows);
    },
  };
}
