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
const FORGET =
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

  /** Adds to the environment of a process. */
  const environmentOf = (name: string): Record<string, string> => {
    const port = processes.find((one) => one.name === name)?.port;
    return port === undefined ? {} : { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` };
  };

  const processesOf = (contestant: string) =>
    processes.filter(({ name }) => (/^(.+)-/.exec(name)?.[1] ?? 'quittance') === contestant);

  /** Records rounds by the contestant's name, and statements on all databases of the server. */
  const recordingOf = (databaseUrl: string) => {
    let rounds = 0;
    const query = async (text: string) =>
      withStatements ? onDatabase(databaseUrl, (client) => client.query(text)) : undefined;
    return {
      async start(contestant: string): Promise<void> {
        // The statements of the start and the warm-up do not count.
        if (rounds === 0) await query(FORGET);
        rounds += 1;
        for (const one of processesOf(contestant)) {
          await one.ask('Profiler.enable');
          await one.ask('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
          await one.ask('Profiler.start');
        }
      },
      /** Stores each profile in a file that Chrome's developer tools open. */
      async stop(contestant: string): Promise<void> {
        for (const one of processesOf(contestant)) {
          const { profile } = await one.ask<{ profile: object }>('Profiler.stop');
          const file = join(dataPath('profiles'), `${one.name}-${rounds}.cpuprofile`);
          writeFileSync(file, JSON.stringify(profile));
        }
      },
      /** Prints where the profiles are, and the statements that cost most. */
      async report(): Promise<void> {
        for (const one of processes) one.close();
        if (processes.length > 0) console.log(`CPU profiles: ${dataPath('profiles')}`);
        if (withStatements) console.table((await query(COSTS))?.rows);
      },
    };
  };

  return { withStatements, environmentOf, recordingOf };
}
