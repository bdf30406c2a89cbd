// The operator's CLI, as the tools use it.
import { runCli } from '../../apps/operator/src/run-cli.js';
import { Problem } from '../terminal/problem.mjs';
import { environmentOf, type StackSetup } from './apps.js';

/**
 * Runs commands of the CLI one after another against a stack's database, in this process: loading
 * its code takes longer than what they do, and a command line, and so a terminal's private key on
 * it, would be visible to every user.
 * @param commands each the arguments of one command
 * @returns what each printed, trimmed
 * @throws {Problem} with the words of the first that failed; those before it are done, those after
 *   it are not
 */
export async function operate(
  setup: StackSetup,
  commands: readonly (readonly string[])[],
): Promise<string[]> {
  const results: string[] = [];
  for (const args of commands) {
    let [printed, remarked] = ['', ''];
    const exitCode = await runCli(args, {
      env: environmentOf('operator', setup),
      version: '',
      stdin: async () => '',
      print: (output) => (printed += output),
      remark: (words) => (remarked += words),
    });
    // Not all the arguments: a terminal's private key is among them.
    if (exitCode !== 0) throw new Problem(`quittance ${args[0]} ${args[1]}: ${remarked.trim()}`);
    results.push(printed.trim());
  }
  return results;
}
