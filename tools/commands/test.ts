// `npm test [-- --lane unit|int|e2e] [jest's arguments]`: brings up what the lanes need, runs them,
// and ends with one line that says how it went. A run in which nothing ran has failed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createTemplates, dropTestDatabases } from '../servers/test-templates.js';
import { dataPath, root } from '../place.mjs';
import { endAllLeftovers } from '../processes/leftovers.mjs';
import type { Session } from '../processes/session.js';
import { testServers } from '../servers/local.js';
import { buildAll } from '../build.js';
import { Problem } from '../terminal/problem.mjs';
import { heading, tell } from '../terminal/progress.mjs';

/** What a group of lanes is run with. */
interface Run {
  readonly lanes: readonly string[];
  readonly forJest: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly inBand: boolean;
}

const LANES = ['unit', 'int', 'e2e'];

/** Splits our own option from those for jest. */
function readArguments(args: string[]): { lanes: string[]; forJest: string[] } {
  const { tokens, values } = parseArgs({
    args,
    options: { lane: { type: 'string' } },
    strict: false,
    tokens: true,
  });
  const lanes = values.lane === undefined ? LANES : String(values.lane).split(',');
  const unknown = lanes.find((lane) => !LANES.includes(lane));
  if (unknown !== undefined)
    throw new Problem(`There is no lane "${unknown}"; the lanes are ${LANES.join(', ')}.`);
  const own = tokens.find((token) => token.kind === 'option' && token.name === 'lane');
  const forJest =
    own?.kind === 'option' ? args.toSpliced(own.index, own.inlineValue ? 1 : 2) : args;
  return { lanes, forJest: forJest.filter((argument) => argument !== '--') };
}

async function prepare(
  session: Session,
  lanes: readonly string[],
): Promise<{ env: Record<string, string>; cleanUp: () => Promise<void> }> {
  await buildAll();
  if (!lanes.includes('int') && !lanes.includes('e2e')) return { env: {}, cleanUp: async () => {} };
  const servers = await testServers(session);
  const templates = await createTemplates(servers);
  const env = {
    TEST_DATABASE_URL: servers.databaseUrl,
    TEST_DATABASE_PREFIX: templates.prefix,
    TEST_TEMPLATE_PAYMENTS: templates.payments,
    TEST_TEMPLATE_ORDERS: templates.orders,
    TEST_REDIS_URL: servers.redisUrl,
    TEST_REDIS_PREFIX: `test-${servers.run}`,
    TEST_REDIS_PROGRAM: servers.redisProgram ?? '',
  };
  return { env, cleanUp: () => dropTestDatabases(servers) };
}

async function runJest(
  session: Session,
  { lanes, forJest, env, inBand }: Run,
): Promise<{ passed: number; failed: number; code: number | null }> {
  const report = join(dataPath('test'), `report-${process.pid}-${lanes.join('-')}.json`);
  session.removeAtEnd(report);
  const nodeOptions = [
    process.env['NODE_OPTIONS'],
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
  ];
  const args = [
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--selectProjects',
    ...lanes,
    '--passWithNoTests',
    '--testTimeout=30000',
    '--json',
    `--outputFile=${report}`,
    ...(inBand ? ['--runInBand'] : ['--maxWorkers=100%']),
    ...forJest,
  ];
  const options = {
    cwd: root,
    env: { ...process.env, ...env, NODE_OPTIONS: nodeOptions.join(' ').trim() },
  };
  const { code } = await session.spawn('jest', process.execPath, args, options).exited;
  if (!existsSync(report)) return { passed: 0, failed: 1, code };
  const result = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
  // A file that cannot even be loaded has no tests to count, and is a failure all the same.
  return {
    passed: result['numPassedTests'] ?? 0,
    failed: (result['numFailedTests'] ?? 1) + (result['numRuntimeErrorTestSuites'] ?? 0),
    code,
  };
}

export async function test(session: Session, args: string[]): Promise<number> {
  const { lanes, forJest } = readArguments(args);
  heading('Tests');
  await endAllLeftovers();
  const { env, cleanUp } = await prepare(session, lanes);
  // Processes under test need the machine to themselves, or a slow start looks like a fault.
  const groups = [lanes.filter((lane) => lane !== 'e2e'), lanes.filter((lane) => lane === 'e2e')];
  let [passed, failed, code] = [0, 0, 0];
  for (const group of groups.filter((members) => members.length > 0)) {
    tell(`\n${group.join(' and ')}\n`);
    const result = await runJest(session, {
      lanes: group,
      forJest,
      env,
      inBand: group[0] === 'e2e',
    });
    passed += result.passed;
    failed += result.failed;
    code ||= result.code ?? 1;
  }
  await cleanUp();
  await session.stop();
  if (passed + failed === 0) tell('\nNo test ran.');
  tell(`\n${passed} passed, ${failed} failed`);
  return failed > 0 || code !== 0 || passed === 0 ? 1 : 0;
}
