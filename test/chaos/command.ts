// The chaos run from start to end: servers, parts, results. The exit code is 0 only if no check
// found a problem.
import type { Session } from '../../tools/processes/session.js';
import { buildAll } from '../../tools/build.js';
import { ownDataFolder } from '../../tools/stack/owner.js';
import { heading, step, tell } from '../../tools/terminal/progress.mjs';
import { writeKillTable } from './kill-matrix/part.js';
import { readOptions } from './options.js';
import { PARTS } from './parts.js';
import { Random } from './random.js';
import { ChaosPostgres } from './stack/servers.js';

/** `npm run chaos`; resolves with the exit code. */
export async function chaos(session: Session, args: string[]): Promise<number> {
  const { seed, parts, scale, writesDocs } = readOptions(args);
  heading(`Chaos, seed ${seed}`);
  await ownDataFolder();
  await buildAll();
  const postgres = await step('Postgres', () => ChaosPostgres.start(session, { isDurable: true }));
  const problems: string[] = [];
  for (const name of parts) {
    // Each part begins with the seed, so that `--only` replays it without the others.
    const random = new Random(seed);
    const run = seed.toString(36);
    const { table, checks } = await PARTS[name]({ session, postgres, random, run, step, scale });
    tell(`\n${table}\n`);
    if (name === 'kill' && writesDocs) writeKillTable(table);
    problems.push(
      ...checks.flatMap((check) => check.problems.map((text) => `${name}: ${check.name}: ${text}`)),
    );
  }
  for (const problem of problems) tell(`  ${problem}`);
  tell(problems.length === 0 ? 'Nothing was lost or doubled.' : `${problems.length} problems.`);
  tell(`Replay with --seed ${seed}`);
  return problems.length === 0 ? 0 : 1;
}
