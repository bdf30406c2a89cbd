// The operator's CLI, as the tools use it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { root } from '../place.mjs';
import { outputOf } from '../processes/output.js';
import { Problem } from '../terminal/problem.mjs';
import { operatorEnvironment, type OperatorSetup } from './apps.js';

const FOLDER = join(root, 'dist', 'apps', 'operator', 'src');
const BATCH = fileURLToPath(new URL('operator-batch.mjs', import.meta.url));

/** The CLI's program. */
export const CLI = join(FOLDER, 'main.js');
/** One run of it, as a function of a module. */
const CLI_RUN = pathToFileURL(join(FOLDER, 'run-cli.js')).href;

/**
 * Runs commands of the CLI one after another against a stack's database.
 * @param commands each the arguments of one command
 * @returns what each printed, trimmed
 * @throws {Problem} with the words of the first that failed; those before it are done, those after
 *   it are not
 */
export async function operate(
  setup: OperatorSetup,
  commands: readonly (readonly string[])[],
): Promise<string[]> {
  const running = promisify(execFile)(process.execPath, [BATCH, CLI_RUN], {
    cwd: root,
    env: operatorEnvironment(setup),
  });
  running.child.stdin?.end(JSON.stringify(commands));
  const { stdout } = await running.catch((error: unknown) => {
    throw new Problem(`The operator's CLI failed: ${outputOf(error)}`);
  });
  const results = JSON.parse(stdout) as (string | { failed: string })[];
  const failure = results.find((result) => typeof result !== 'string');
  if (failure === undefined) return results as string[];
  // Not all the arguments: a terminal's private key is among them.
  const [group, verb] = commands[results.length - 1] ?? [];
  throw new Problem(`quittance ${group} ${verb}: ${failure.failed}`);
}
