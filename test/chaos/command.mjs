// The chaos run from start to end: servers, parts, results. Exit code 0 only if nothing was lost, doubled or believed wrongly.
import { ownDataFolder } from '../../tools/stack/owner.ts';
import { heading, step, tell } from '../../tools/terminal/progress.mjs';
import { USAGE, readOptions } from './options.mjs';
import { Random } from './random.ts';

/** Not imported before the packages are there. */
const load = () =>
  Promise.all([
    import('./parts.mjs'),
    import('./part.mjs'),
    import('./stack/servers.ts'),
    import('./kill-matrix/document.mjs'),
    import('../../tools/build.ts'),
  ]);

/**
 * `npm run chaos`.
 * @param {import('../../tools/processes/session.ts').Session} session
 * @param {string[]} args
 * @returns {Promise<number | void>} the exit code
 */
export async function chaos(session, args) {
  const options = readOptions(args);
  if (options.help) return tell(USAGE);
  const { seed } = options;
  heading(`Chaos, seed ${seed}`);
  await ownDataFolder();
  const [{ PARTS }, { FULL }, { ChaosPostgres }, { writeKillTable }, { buildAll }] = await load();
  await buildAll();
  const { payments, open, watched, stacks, cases } = options;
  const scale = { ...FULL, payments, open, watched, stacks, cases };
  const postgres = await step('Postgres', () => ChaosPostgres.start(session, scale));
  const problems = [];
  for (const name of options.parts) {
    // Each part has chance of its own, so that `--only` replays it without the others.
    const random = new Random(seed);
    const run = seed.toString(36);
    const { table, checks } = await PARTS[name]({ session, postgres, random, run, step, scale });
    tell(`\n${table}\n`);
    if (name === 'kill' && options.writesDocs) writeKillTable(table);
    problems.push(
      ...checks.flatMap((check) => check.problems.map((text) => `${name}: ${check.name}: ${text}`)),
    );
  }
  for (const problem of problems) tell(`  ${problem}`);
  tell(problems.length === 0 ? 'Nothing was lost or doubled.' : `${problems.length} problems.`);
  tell(`Replay with --seed ${seed}`);
  return problems.length === 0 ? 0 : 1;
}
