// Runs the rounds: one contestant works while the others are idle, then they change. The rounds are
// short and alternate, so that other load on the machine meets all contestants.
import { setTimeout as pause } from 'node:timers/promises';
import { cpuMs, processState } from '../test/support/process-figures.js';
import { onDatabase } from '@quittance/databases';
import { Problem } from '../tools/terminal/problem.mjs';
import type { Contestant, MeasuredProcess, Reading } from './contestant.js';
import type { Round } from './figures.js';
import type { LoadGenerator } from './load/load.js';
import type { BenchOptions } from './options.js';

/** The common part of all rounds. */
export interface Bench {
  readonly options: BenchOptions;
  readonly load: LoadGenerator;
  /** The processes that all contestants work with. */
  readonly shared: readonly MeasuredProcess[];
  /** Called around each round that counts, with the contestant's name. */
  readonly recording: Readonly<Record<'start' | 'stop', (name: string) => Promise<void>>>;
}

/** Rare, because a count reads all orders; the time of the last event is read from its row. */
const POLL_MS = 1_000;
/**
 * A payment that is not final by then is lost or waits for an inquiry: the run is worth nothing.
 */
const STRAGGLER_LIMIT_MS = 60_000;

const select = <T extends object>({ databaseUrl, text }: Reading, values: unknown[] = []) =>
  onDatabase(databaseUrl, async (client) => (await client.query<T>(text, values)).rows);

/** The times of payments by their id, in milliseconds since the epoch. */
async function readTimes(reading: Reading, since: number): Promise<Map<string, number>> {
  const rows = await select<{ id: string; at: Date }>(reading, [new Date(since)]);
  return new Map(rows.map(({ id, at }) => [id, at.getTime()]));
}

async function untilStored({ name, finalCount }: Contestant, wanted: number): Promise<void> {
  const deadline = Date.now() + STRAGGLER_LIMIT_MS;
  await onDatabase(finalCount.databaseUrl, async (client) => {
    for (;;) {
      const missing = wanted - (await client.query(finalCount.text)).rows[0].count;
      if (missing <= 0) return;
      if (Date.now() > deadline)
        throw new Problem(`${name}: ${missing} payments did not reach the order domain`);
      await pause(POLL_MS);
    }
  });
}

/** `tag` keeps the references of the round's payments apart from others. */
async function runRound(
  { load, shared, options }: Bench,
  contestant: Contestant,
  { count, tag }: { readonly count: number; readonly tag: string },
): Promise<Round> {
  const { url, headers, ended } = contestant;
  const { connections } = options;
  const processes = [...contestant.processes, ...shared];
  const cpuOfAll = () => processes.map((one) => cpuMs(one.pid, one));
  const [before] = await select<{ count: number }>(contestant.finalCount);
  const cpuBefore = cpuOfAll();
  const offer = load.offer({ url, headers, connections, count, tag });
  const { startedAt, durationMs, latenciesMs } = await Promise.race([offer, ended]);
  await Promise.race([untilStored(contestant, (before?.count ?? 0) + count), ended]);
  const spentMs = cpuOfAll().map((ms, index) => ms - (cpuBefore[index] ?? 0));
  const acceptedAt = await readTimes(contestant.accepted, startedAt);
  const storedAt = await readTimes(contestant.stored, startedAt);
  return {
    count,
    intakeMs: durationMs,
    intakeLatenciesMs: latenciesMs,
    endToEndMs: Math.max(...storedAt.values()) - startedAt,
    storedAfterMs: [...storedAt].map(([id, at]) => at - (acceptedAt.get(id) ?? at)),
    cpuMs: Object.fromEntries(processes.map(({ name }, index) => [name, spentMs[index] ?? 0])),
  };
}

/** The state and CPU time of a process show whether it stands still or runs in a circle. */
function withStates(error: Error, processes: readonly MeasuredProcess[]): Problem {
  const states = processes.map(
    (one) => `${one.name} ${processState(one.pid)} ${cpuMs(one.pid, one)} ms`,
  );
  return new Problem(`${error.message} (${states.join(', ')})`, { cause: error });
}

/**
 * Alternates forwards and backwards through the contestants, so that none always has the warmer
 * machine.
 * @returns the rounds of each contestant by its name
 */
export async function alternate(
  bench: Bench,
  contestants: readonly Contestant[],
  say: (text: string) => void,
): Promise<Map<string, Round[]>> {
  const { warmUp, payments, rounds } = bench.options;
  const results = new Map<string, Round[]>();
  for (const contestant of contestants) {
    say(`warming up ${contestant.name}`);
    await runRound(bench, contestant, { count: warmUp, tag: `${contestant.name}-warm` });
    results.set(contestant.name, []);
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of round % 2 === 1 ? contestants : contestants.toReversed()) {
      const { name, processes } = contestant;
      say(`round ${round} of ${rounds}, ${name}`);
      await bench.recording.start(name);
      const plan = { count: Math.ceil(payments / rounds), tag: `${name}-${round}` };
      const result = await runRound(bench, contestant, plan).catch((error: Error) => {
        throw withStates(error, [...processes, ...bench.shared]);
      });
      await bench.recording.stop(name);
      results.get(name)?.push(result);
    }
  }
  return results;
}
