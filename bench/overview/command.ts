// `npm run bench -- overview`: what the overview costs at a rate of payments that one machine
// cannot pay. The recorders of api and worker get the moves of so many payments; the real worker
// writes the gauges of a real backlog and sums the samples; the real api serves the pages, one of
// them in a browser.
import { setTimeout as pause } from 'node:timers/promises';
import { onDatabase } from '@quittance/databases';
import { loadOverview, OVERVIEW_RANGES, type OverviewRange } from '@quittance/operations';
import { createPool } from '@quittance/persistence';
import { systemClock } from '@quittance/platform';
import { Command } from 'commander';
import { wholeNumber } from '../../test/support/options.js';
import { cpuMs } from '../../test/support/process-figures.js';
import { buildAll } from '../../tools/build.js';
import type { Session } from '../../tools/processes/session.js';
import { operate } from '../../tools/stack/operator.js';
import { ownDataFolder } from '../../tools/stack/owner.js';
import { heading, step, tell } from '../../tools/terminal/progress.mjs';
import { median, rounded } from '../figures.js';
import { startQuittance } from '../quittance/contestant.js';
import { startServers } from '../servers.js';
import { resetStatements, statementsOn } from '../statements.js';
import { figuresOf, followByRequest, openPage } from './pages.js';
import { recordPayments } from './payments.js';
import { loadRows } from './rows.js';

/** The numbers are whole and above 0. */
type Options = Readonly<Record<'perSecond' | 'lanes' | 'queued' | 'seconds' | 'pages', number>>;

const positive = wholeNumber(1);
const readOptions = (args: readonly string[]): Options =>
  new Command('npm run bench -- overview')
    .option('--per-second <n>', 'payments a second', positive, 1_000)
    .option('--lanes <n>', 'lanes that they are spread over', positive, 20)
    .option('--queued <n>', 'payments that wait in Postgres', positive, 100_000)
    .option('--seconds <n>', 'length of the measurement', positive, 60)
    .option('--pages <n>', 'pages besides the one in a browser', positive, 4)
    .showHelpAfterError()
    .parse([...args], { from: 'user' })
    .opts<Options>();

const READS = 5;
/** The page reads its range first, and compiles. */
const SETTLING_MS = 5_000;

export async function benchOverview(session: Session, args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  heading('Benchmark of the overview');
  await ownDataFolder();
  await buildAll();
  const servers = await startServers(session, true);
  const { stack, quittance } = await startQuittance(session, servers);
  const databaseUrl = servers.databaseUrl('quittance');
  await step('rows', () => onDatabase(databaseUrl, (client) => loadRows(client, options)));
  const reads = await step('reads', () => readRanges(databaseUrl));
  console.table(reads);
  const [opsKey = '', operatorKey = ''] = await operate(stack.setup, [
    ['keys', 'create', '--ops', 'bench', '--scopes', 'ops:read'],
    ['operators', 'add', 'bench'],
  ]);
  const figures = await step('load', async () => {
    const recording = recordPayments(databaseUrl, options);
    const page = await openPage(quittance.url, operatorKey);
    const others = Array.from({ length: options.pages }, () =>
      followByRequest(quittance.url, opsKey),
    );
    await pause(SETTLING_MS);
    await resetStatements(servers.postgres.url);
    await page.measure();
    const cpu = () =>
      [...quittance.processes, { name: 'postgres', pid: servers.postgres.pid, family: true }].map(
        (one) => [one.name, cpuMs(one.pid, one)] as const,
      );
    const before = new Map(cpu());
    await Promise.race([pause(options.seconds * 1_000), quittance.ended]);
    const busy = cpu().map(([name, ms]) => {
      const share = (ms - (before.get(name) ?? 0)) / (options.seconds * 1_000);
      return [name, rounded(share * 100)];
    });
    const browser = await page.stop();
    const followed = figuresOf(await Promise.all(others.map((one) => one.stop())));
    const recorded = await recording.stop();
    return { recorded, percent_of_a_core: Object.fromEntries(busy), ...followed, browser };
  });
  const statements = await statementsOn(servers.postgres.url, 'samples');
  await session.stop();
  console.table(statements);
  tell(JSON.stringify({ options, reads, ...figures, statements }));
}

/** Resolves with the medians of the reads of each range, which no page shares. */
async function readRanges(databaseUrl: string) {
  const options = { applicationName: 'bench', connections: 2, onError: () => undefined };
  const pool = createPool({ databaseUrl, ...options });
  const medians: Record<string, { ms: number }> = {};
  for (const range of Object.keys(OVERVIEW_RANGES) as OverviewRange[]) {
    const times: number[] = [];
    for (let read = 0; read < READS; read += 1) {
      const began = performance.now();
      await loadOverview({ pool, clock: systemClock }, range);
      times.push(performance.now() - began);
    }
    medians[range] = { ms: rounded(median(times), 0) };
  }
  await pool.end();
  return medians;
}
