// The benchmark from start to end: servers, contestants, rounds, single payments, figures.
import { memoryMb } from '../test/support/process-figures.js';
import type { Session } from '../tools/processes/session.js';
import { buildAll } from '../tools/build.js';
import { ownDataFolder } from '../tools/stack/owner.js';
import { heading, step, tell } from '../tools/terminal/progress.mjs';
import { startByHand } from './by-hand/start.js';
import type { Contestant, MeasuredProcess } from './contestant.js';
import { contestantFigures, overheadFigures, ratios, type Round } from './figures.js';
import { startGuarded } from './guarded/contestant.js';
import { startLoadGenerator } from './load/load.js';
import { scriptAcquirer } from './load/payment.js';
import { describeMachine } from './machine.js';
import { readOptions, type BenchOptions } from './options.js';
import { prepareProfiles } from './profile.js';
import { compilePrograms } from './programs.js';
import { startQuittance } from './quittance/contestant.js';
import { alternate } from './rounds.js';
import { startServers } from './servers.js';
import { figureRows, verdicts } from './table.js';

/** Single payments before the compared ones, so that neither side pays for a first connection. */
const CALLS_WARM_UP = 20;

async function figuresOf(
  { moreFigures }: Contestant,
  rounds: readonly Round[],
  processes: readonly MeasuredProcess[],
) {
  const memory = processes.map((one) => [one.name, memoryMb(one.pid, one)] as const);
  const memory_mb = Object.fromEntries(memory);
  return { ...contestantFigures(rounds), memory_mb, ...(await moreFigures?.()) };
}

/** Starts everything and measures it. */
async function measure(session: Session, options: BenchOptions) {
  await buildAll();
  await compilePrograms();
  const machine = describeMachine();
  const profiles = await prepareProfiles(options.profile ?? []);
  const { environmentOf } = profiles;
  const servers = await startServers(session, profiles.withStatements);
  const quittance = await startQuittance(session, { servers, environmentOf });
  const { gateway, sandbox, url, headers, ended } = quittance;
  await scriptAcquirer(gateway.url);
  const setting = { servers, gateway, environmentOf };
  const bare = await startByHand('bare', session, setting);
  const guarded = options.guarded ? [await startGuarded(session, setting)] : [];
  const load = startLoadGenerator();
  // Without the processes of the idle contestants: what they cost meanwhile is not counted.
  const shared = [
    { name: 'postgres', pid: servers.postgres.pid, family: true },
    { name: 'redis', pid: servers.redis.pid },
    sandbox,
    { name: 'load', pid: load.pid },
  ];
  const recording = profiles.recordingOf(servers.databaseUrl('postgres'));
  const common = { options, load, shared, recording };
  const results = await step('rounds', (say) =>
    alternate(common, [bare, ...guarded, quittance], say),
  );
  await recording.report();
  const calls = await step('single calls', async (say) => {
    say(`${options.calls} waiting payments, ${options.calls} bare gateway calls`);
    const compare = (count: number, tag: string) =>
      Promise.race([load.compareCalls({ url, headers, gateway, count, tag }), ended]);
    await compare(CALLS_WARM_UP, 'warm');
    return compare(options.calls, 'counted');
  });
  const contestants: Record<string, object> = {};
  for (const contestant of [quittance, bare, ...guarded]) {
    const processes = [...contestant.processes, ...(contestant === quittance ? shared : [])];
    const rounds = results.get(contestant.name) ?? [];
    contestants[contestant.name] = await figuresOf(contestant, rounds, processes);
  }
  const { payments, connections, rounds } = options;
  const overhead = overheadFigures(calls.waitMs, calls.gatewayMs);
  const run = { payments, connections, rounds, machine };
  return { contestants, figures: { ...run, ...contestants, overhead, ...ratios(results) } };
}

/** `npm run bench`. */
export async function bench(session: Session, args: string[]): Promise<void> {
  const options = readOptions(args);
  if (options === undefined) return;
  heading('Benchmark');
  await ownDataFolder();
  const { contestants, figures } = await measure(session, options);
  console.table(figureRows(figures, Object.keys(contestants)));
  console.table(verdicts(figures));
  await session.stop();
  if (options.json) tell(JSON.stringify(figures));
}
