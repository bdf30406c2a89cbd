// `npm test [-- --lane unit|int|e2e] [jest's arguments]`: brings up what the lanes need, runs them,
// and ends with one line of passed and failed tests. A run in which nothing ran has failed.
import { join } from 'node:path';
import { Command } from 'commander';
import { within } from '@quittance/platform';
import { buildAll } from '../tools/build.js';
import { readJson } from '../tools/json.mjs';
import { dataPath, root } from '../tools/place.mjs';
import { endAllLeftovers } from '../tools/processes/leftovers.mjs';
import type { Session } from '../tools/processes/session.js';
import { Problem } from '../tools/terminal/problem.mjs';
import { heading, tell } from '../tools/terminal/progress.mjs';
import { testServers } from './support/servers.js';
import { createTemplates, dropTestDatabases } from './support/templates.js';

const LANES = ['unit', 'int', 'e2e'];
/** Twice as long as the slowest lane takes on two cores. A test that hangs ends the run. */
const LIMIT_MS = 45 * 60_000;
/** Only a test that hangs reaches it: no test depends on the speed of the machine. */
const TEST_LIMIT = '--testTimeout=120000';
const NODE_OPTIONS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';

/** Splits our own option from those for jest. */
function readArguments(args: readonly string[]): { lanes: string[]; forJest: string[] } {
  const command = new Command('npm test --')
    .option('--lane <names>', 'comma-separated', (names) => names.split(','), LANES)
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .parse(args, { from: 'user' });
  const { lane: lanes } = command.opts<{ lane: string[] }>();
  const unknown = lanes.find((lane) => !LANES.includes(lane));
  if (unknown === undefined)
    return { lanes, forJest: command.args.filter((word) => word !== '--') };
  throw new Problem(`There is no lane "${unknown}"; the lanes are ${LANES.join(', ')}.`);
}

async function runJest(
  session: Session,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ passed: number; failed: number }> {
  const report = join(dataPath('test'), `report-${process.pid}-${Date.now()}.json`);
  session.removeAtEnd(report);
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--passWithNoTests', TEST_LIMIT, '--json', `--outputFile=${report}`];
  const nodeOptions = `${process.env['NODE_OPTIONS'] ?? ''} ${NODE_OPTIONS}`.trim();
  const running = session.spawn('jest', process.execPath, [jest, ...options, ...args], {
    cwd: root,
    env: { ...process.env, ...env, NODE_OPTIONS: nodeOptions },
  });
  const { code } = await within(LIMIT_MS, running.exited).catch(async () => {
    tell(`\njest has not ended within ${LIMIT_MS / 60_000} minutes and is stopped.`);
    await running.stop();
    return { code: null };
  });
  const { numPassedTests = 0, numFailedTests = 0, ...rest } = readJson(report) ?? {};
  // A file that cannot even be loaded has no tests to count, and is a failure all the same.
  const failed = numFailedTests + (rest.numRuntimeErrorTestSuites ?? 0);
  return { passed: numPassedTests, failed: code === 0 ? failed : Math.max(failed, 1) };
}

export async function test(session: Session, args: string[]): Promise<number> {
  const { lanes, forJest } = readArguments(args);
  heading('Tests');
  await endAllLeftovers();
  await buildAll();
  const servers = lanes.some((lane) => lane !== 'unit') ? await testServers(session) : undefined;
  const env = servers ? await createTemplates(servers) : {};
  let [passed, failed] = [0, 0];
  const runLanes = async (workers: string, isInLane: (lane: string) => boolean) => {
    const members = lanes.filter(isInLane);
    if (members.length === 0) return;
    tell(`\n${members.join(' and ')}\n`);
    const options = ['--selectProjects', ...members, workers, ...forJest];
    const result = await runJest(session, options, env);
    passed += result.passed;
    failed += result.failed;
  };
  // Processes under test need the machine to themselves, or a slow start looks like a fault.
  await runLanes('--maxWorkers=100%', (lane) => lane !== 'e2e');
  await runLanes('--runInBand', (lane) => lane === 'e2e');
  if (servers) await dropTestDatabases(servers);
  await session.stop();
  if (passed + failed === 0) tell('\nNo test ran.');
  tell(`\n${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}
