// Runs the operator's CLI, as a person would.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../place.mjs';
import { Problem } from '../terminal/problem.mjs';
import { operatorEnvironment } from './apps.mjs';

/** The CLI's program. */
export const CLI = join(root, 'dist', 'apps', 'api', 'src', 'cli', 'main.js');

/**
 * Runs one command of the CLI against a stack's database.
 * @returns {Promise<string>} what it printed, trimmed
 * @throws {Problem} with what it said
 */
export async function operate(setup, ...args) {
  const env = operatorEnvironment(setup);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
      cwd: root,
      env,
    });
    return stdout.trim();
  } catch (error) {
    // Not the arguments: a terminal's private key is among them.
    throw new Problem(
      `quittance ${args.slice(0, 2).join(' ')} failed: ${error.stderr || error.message}`,
    );
  }
}
