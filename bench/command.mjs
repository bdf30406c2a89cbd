// The benchmark from start to end: servers, contestants, rounds, single payments, figures.
import { ownDataFolder } from '../tools/stack/owner.ts';
import { heading, step, tell } from '../tools/terminal/progress.mjs';
import { USAGE, readOptions } from './options.mjs';

/** Single payments before the compared ones, so that neither side pays for a first connection. */
const CALLS_WARM_UP = 20;

/** Not imported before the packages are there. */
async function parts() {
  const [build, servers, quittance, bare, guarded, load, request, rounds, profiling, figures] =
    await Promise.all([
      import('../tools/setup/build.mjs'),
      import('./machine/servers.mjs'),
      import('./contestants/quittance.mjs'),
      import('./contestants/bare.mjs'),
      import('./contestants/guarded.mjs'),
      import('./load/start-load-generator.mjs'),
      import('./load/payment-request.mjs'),
      import('./rounds.mjs'),
      import('./profile/profiling.mjs'),
      import('./figures/figures.mjs'),
    ]);
  return {
    ...build,
    ...servers,
    ...quittance,
    ...bare,
    ...guarded,
    ...load,
    ...request,
    ...rounds,
    ...profiling,
    ...figures,
  };
}

/** The other contestants' processes idle meanwhile; what they cost then is not counted. */
function sharedProcesses({ servers, quittance, load }) {
  return [
    { name: 'postgres', pid: servers.postgres.pid, family: true },
    { name: 'redis', pid: servers.redis.pid },
    quittance.sandbox.process,
    { name: 'load', pid: load.pid },
  ];
}

async function compareSingle(load, quittance, calls) {
  const { url, path, headers, sandbox, terminal } = quittance;
  const options = { url, path, headers, sandboxUrl: sandbox.url, terminal };
  return step('single calls', async (say) => {
    say(`${calls} waiting payments, ${calls} bare gateway calls`);
    await load.run('compareCalls', { ...options, count: CALLS_WARM_UP, tag: 'warm' });
    return Promise.race([
      load.run('compareCalls', { ...options, count: calls, tag: 'counted' }),
      quittance.ended,
    ]);
  });
}

async function measure(session, options) {
  const p = await parts();
  await p.buildAll();
  const machine = p.describeMachine();
  const profiling = await p.Profiling.of(options.profile);
  const servers = await p.startServers(session, { withStatements: profiling.withStatements });
  const nodeOptionsOf = (name) => profiling.nodeOptionsOf(name);
  const quittance = await p.startQuittance(session, { servers, nodeOptionsOf });
  const { sandbox, terminal } = quittance;
  await p.scriptAcquirer(sandbox.url);
  const byHand = { servers, sandboxUrl: sandbox.url, terminal, nodeOptionsOf };
  const bare = await p.startBare(session, byHand);
  const guarded = options.guarded ? await p.startGuarded(session, byHand) : undefined;
  const turns = [bare, guarded, quittance].filter((contestant) => contestant !== undefined);
  for (const { ended } of turns) ended.catch(() => {});
  const load = await p.startLoadGenerator();
  const shared = sharedProcesses({ servers, quittance, load });
  const running = {
    load,
    shared,
    connections: options.connections,
    beforeRound: (contestant) => profiling.start(contestant, servers),
    afterRound: (contestant) => profiling.stop(contestant),
  };
  const rounds = await step('rounds', (say) => p.alternate(running, turns, { ...options, say }));
  const profiles = await profiling.report(servers);
  const calls = await compareSingle(load, quittance, options.calls);
  const contestants = { quittance, bare, guarded };
  const finishedByCallback = await quittance.callbackShare();
  const kept = await guarded?.kept();
  return {
    figures: p.allFigures({
      options,
      rounds,
      calls,
      contestants,
      shared,
      machine,
      finishedByCallback,
      kept,
    }),
    profiles,
    table: p.figuresTable,
  };
}

/**
 * `npm run bench`.
 * @param {import('../tools/processes/session.mjs').Session} session
 * @param {string[]} args
 */
export async function bench(session, args) {
  const options = readOptions(args);
  if (options.help) return tell(USAGE);
  heading('Benchmark');
  await ownDataFolder();
  const { figures, profiles, table } = await measure(session, options);
  tell(`\n${table(figures)}\n`);
  if (profiles !== '') tell(`${profiles}\n`);
  await session.stop();
  if (options.json) tell(JSON.stringify(figures));
}
