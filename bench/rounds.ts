// Runs the rounds: one contestant works while the others are idle, then they change. The rounds are
// short and alternate, so that other load on the machine meets all contestants.
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { cpuMs, processState } from '../test/support/process-figures.js';
import { onDatabase } from '@quittance/databases';
import { Problem } from '../tools/terminal/problem.mjs';
import type { Contestant, MeasuredProcess, TimesQuery } from './contestant.js';
import type { Round } from './figures.js';
import type { LoadGenerator } from './load/load.js';
import type { BenchOptions } from './options.js';

/** The common part of all rounds. */
export interface Run {
  readonly options: BenchOptions;
  readonly load: LoadGenerator;
  /** The processes that all contestants work with. */
  readonly shared: readonly MeasuredProcess[];
}

/** Rare, because a count reads all orders; the time of the last one is read from its row. */
const POLL_MS = 1_000;
/** A payment that is not final by then is lost or waits for an inquiry: the run is worthless. */
const STRAGGLER_LIMIT_MS = 60_000;

/** The times of payments by their id, in milliseconds since the epoch. */
async function readTimes({ databaseUrl, text }: TimesQuery, since: Date) {
  type Time = { readonly id: string; readonly at: Date };
  const { rows } = await onDatabase(databaseUrl, (client) => client.query<Time>(text, [since]));
  return new Map(rows.map(({ id, at }) => [id, at.getTime()]));
}

const countFinal = async (client: ClientBase, { finalCount }: Contestant): Promise<number> =>
  (await client.query(finalCount)).rows[0].count;

async function untilStored(client: ClientBase, contestant: Contestant, wanted: number) {
  const { name } = contestant;
  const deadline = Date.now() + STRAGGLER_LIMIT_MS;
  for (;;) {
    const missing = wanted - (await countFinal(client, contestant));
    if (missing <= 0) return;
    if (Date.now() > deadline)
      throw new Problem(`${name}: ${missing} payments did not reach the order domain`);
    await pause(POLL_MS);
  }
}

/** The state and CPU time of a process show whether it stands still or runs in a circle. */
function withStates(error: Error, processes: readonly MeasuredProcess[]): Problem {
  const states = processes.map(
    (one) => `${one.name} ${processState(one.pid)} ${cpuMs(one.pid, one)} ms`,
  );
  return new Problem(`${error.message} (${states.join(', ')})`, { cause: error });
}

/** Runs one round. `round` keeps the references of its payments apart from others. */
async function runRound(
  { options, load, shared }: Run,
  contestant: Contestant,
  { count, round }: { readonly count: number; readonly round: number | 'warm' },
): Promise<Round> {
  const { url, apiKey, ended } = contestant;
  const { connections } = options;
  const processes = [...contestant.processes, ...shared];
  const cpuOfAll = () => processes.map((one) => cpuMs(one.pid, one));
  const task = { url, apiKey, connections, count, tag: `${contestant.name}-${round}` };
  const work = onDatabase(contestant.stored.databaseUrl, async (client) => {
    const before = await countFinal(client, contestant);
    const cpuBefore = cpuOfAll();
    const offered = await load.offer(task);
    await untilStored(client, contestant, before + count);
    const spentMs = cpuOfAll().map((ms, index) => ms - (cpuBefore[index] ?? 0));
    return { ...offered, spentMs };
  });
  const { startedAt, durationMs, latenciesMs, spentMs } = await Promise.race([work, ended]).catch(
    (error: Error) => {
      throw withStates(error, processes);
    },
  );
  const since = new Date(startedAt);
  const acceptedAt = await readTimes(contestant.accepted, since);
  const storedAt = await readTimes(contestant.stored, since);
  return {
    count,
    intakeMs: durationMs,
    intakeLatenciesMs: latenciesMs,
    endToEndMs: Math.max(...storedAt.values()) - startedAt,
    storedAfterMs: [...storedAt].map(([id, at]) => at - (acceptedAt.get(id) ?? at)),
    cpuMs: Object.fromEntries(processes.map(({ name }, index) => [name, spentMs[index] ?? 0])),
  };
}

/** A round of each contestant that does not count. */
export async function warmUp(
  run: Run,
  contestants: readonly Contestant[],
  say: (text: string) => void,
): Promise<void> {
  for (const contestant of contestants) {
    say(contestant.name);
    await runRound(run, contestant, { count: run.options.warmUp, round: 'warm' });
  }
}

/**
 * Alternates forwards and backwards through the contestants, so that none always has the warmer
 * machine.
 * @returns the rounds of each contestant by its name
 */
export async function alternate(
  run: Run,
  contestants: readonly Contestant[],
  say: (text: string) => void,
): Promise<Map<string, Round[]>> {
  const { payments, rounds } = run.options;
  const count = Math.ceil(payments / rounds);
  const results = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1)
    for (const contestant of round % 2 === 1 ? contestants : contestants.toReversed()) {
      say(`round ${round} of ${rounds}, ${contestant.name}`);
      results.get(contestant.name)?.push(await runRound(run, contestant, { count, round }));
    }
  return results;
}
