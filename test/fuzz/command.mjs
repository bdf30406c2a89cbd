// The fuzz as a command: what was seen, and exit code 0 only if nothing was wrong.
import { ownDataFolder } from '../../tools/stack/owner.ts';
import { heading, step, tell } from '../../tools/terminal/progress.mjs';
import { USAGE, readOptions } from './options.mjs';
import { runTables } from './table.mjs';

/**
 * `npm run fuzz`.
 * @param {import('../../tools/processes/session.ts').Session} session
 * @param {string[]} args
 * @returns {Promise<number | void>} the exit code
 */
export async function fuzz(session, args) {
  const { help, ...options } = readOptions(args);
  if (help) return tell(USAGE);
  heading(`Fuzz, seed ${options.seed}`);
  await ownDataFolder();
  const { buildAll } = await import('../../tools/build.ts');
  await buildAll();
  const { runFuzz } = await import('./run.mjs');
  const { checks, figures } = await runFuzz(session, { ...options, step });
  tell(`\n${runTables({ checks, figures })}\n`);
  const problems = checks.flatMap((check) =>
    check.problems.map((what) => `${check.name}: ${what}`),
  );
  for (const problem of problems) tell(`  ${problem}`);
  tell(
    problems.length === 0 ? `All ${checks.length} checks held.` : `${problems.length} problems.`,
  );
  const { seed, requests, callbacks } = options;
  tell(`Replay with --seed ${seed} --requests ${requests} --callbacks ${callbacks}`);
  return problems.length === 0 ? 0 : 1;
}
