// The benchmark from start to end: servers, contestants, rounds, single payments, figures.
import type { Session } from '../tools/processes/session.js';
import { buildAll } from '../tools/build.js';
import { ownDataFolder } from '../tools/stack/owner.js';
import { heading, step, tell } from '../tools/terminal/progress.mjs';
import { startBare } from './contestants/bare.js';
import type { Contestant, MeasuredProcess } from './contestants/contestant.js';
import { startGuarded } from './contestants/guarded.js';
import { startQuittance, type QuittanceContestant } from './contestants/quittance.js';
import { allFigures, type Figures } from './figures/figures.js';
import type { SingleCalls } from './figures/summary.js';
import { figuresTable } from './figures/table.js';
import { scriptAcquirer } from './load/payment-request.js';
import { startLoadGenerator, type LoadGenerator } from './load/start-load-generator.js';
import { describeMachine } from './machine/machine.js';
import { startServers, type Servers } from './machine/servers.js';
import { readOptions, USAGE, type BenchOptions } from './options.js';
import { Profiling } from './profile/profiling.js';
import { compilePrograms, programOf } from './programs.js';
import { alternate } from './rounds.js';

/** Single payments before the compared ones, so that neither side pays for a first connection. */
const CALLS_WARM_UP = 20;

/** The other contestants' processes idle meanwhile; what they cost then is not counted. */
function sharedProcesses(
  servers: Servers,
  quittance: QuittanceContestant,
  load: LoadGenerator,
): MeasuredProcess[] {
  return [
    { name: 'postgres', pid: servers.postgres.pid, family: true },
    { name: 'redis', pid: servers.redis.pid },
    quittance.sandbox.process,
    { name: 'load', pid: load.pid },
  ];
}

function compareSingle(
  load: LoadGenerator,
  quittance: QuittanceContestant,
  calls: number,
): Promise<SingleCalls> {
  const { url, path, headers, sandbox, terminal } = quittance;
  const options = { url, path, headers, sandboxUrl: sandbox.url, terminal };
  return step('single calls', async (say) => {
    say(`${calls} waiting payments, ${calls} bare gateway calls`);
    await load.compareCalls({ ...options, count: CALLS_WARM_UP, tag: 'warm' });
    return Promise.race([
      load.compareCalls({ ...options, count: calls, tag: 'counted' }),
      quittance.ended,
    ]);
  });
}

async function measure(
  session: Session,
  options: BenchOptions,
): Promise<{ figures: Figures; profiles: string }> {
  await buildAll();
  await compilePrograms();
  const machine = describeMachine();
  const profiling = await Profiling.of(options.profile);
  const servers = await startServers(session, { withStatements: profiling.withStatements });
  const nodeOptionsOf = (name: string) => profiling.nodeOptionsOf(name);
  const quittance = await startQuittance(session, { servers, nodeOptionsOf });
  const { sandbox, terminal } = quittance;
  await scriptAcquirer(sandbox.url);
  const byHand = { servers, sandboxUrl: sandbox.url, terminal, nodeOptionsOf };
  const bare = await startBare(session, byHand);
  const guarded = options.guarded ? await startGuarded(session, byHand) : undefined;
  const turns: Contestant[] = guarded ? [bare, guarded, quittance] : [bare, quittance];
  for (const { ended } of turns) ended.catch(() => {});
  const load = await startLoadGenerator(programOf('load/load-generator'));
  const shared = sharedProcesses(servers, quittance, load);
  const running = {
    load,
    shared,
    connections: options.connections,
    beforeRound: (contestant: Contestant) => profiling.start(contestant, servers),
    afterRound: (contestant: Contestant) => profiling.stop(contestant),
  };
  const rounds = await step('rounds', (say) => alternate(running, turns, { ...options, say }));
  const profiles = await profiling.report(servers);
  const calls = await compareSingle(load, quittance, options.calls);
  const contestants = { quittance, bare, guarded };
  const finishedByCallback = await quittance.callbackShare();
  const kept = await guarded?.kept();
  const run = { options, rounds, calls, contestants, shared, machine, finishedByCallback, kept };
  return { figures: allFigures(run), profiles };
}

/** `npm run bench`. */
export async function bench(session: Session, args: string[]): Promise<void> {
  const options = readOptions(args);
  if (options.help) return tell(USAGE);
  heading('Benchmark');
  await ownDataFolder();
  const { figures, profiles } = await measure(session, options);
  tell(`\n${figuresTable(figures)}\n`);
  if (profiles !== '') tell(`${profiles}\n`);
  await session.stop();
  if (options.json) tell(JSON.stringify(figures));
}
