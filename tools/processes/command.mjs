// The frame of every command here: signals, expected problems, and the promise that what was
// started is stopped.
import { constants } from 'node:os';
import { Problem } from '../terminal/problem.mjs';
import { tell } from '../terminal/progress.mjs';
import { isAlive, npmAbove } from './identity.mjs';
import { Session } from './session.mjs';

const PARENT_CHECK_MS = 1000;

// One Ctrl-C can arrive twice: from the terminal, and passed on by npm.
const SAME_INTERRUPT_MS = 1000;

/**
 * Resolves with a signal's name. A person's second signal, not an echo of the first, ends everything at once.
 * @param {Session} session
 * @returns {Promise<NodeJS.Signals>}
 */
function untilInterrupted(session) {
  return new Promise((resolve) => {
    /** @type {number | undefined} */
    let interruptedAt;
    /** @param {NodeJS.Signals} name */
    const interrupt = (name) => {
      interruptedAt ??= Date.now();
      if (Date.now() - interruptedAt > SAME_INTERRUPT_MS) session.killAll();
      resolve(name);
    };
    process.on('SIGHUP', interrupt).on('SIGINT', interrupt).on('SIGTERM', interrupt);
    if (process.env['npm_lifecycle_event'] === undefined) return;
    // If npm is killed, no signal of the terminal reaches this process.
    const above = npmAbove();
    const check = setInterval(() => {
      if (above.every(isAlive)) return;
      clearInterval(check);
      interrupt('SIGHUP');
    }, PARENT_CHECK_MS);
    check.unref();
  });
}

/** @param {unknown} error */
function describe(error) {
  if (error instanceof Problem) return error.message;
  return error instanceof Error ? error.stack : String(error);
}

/**
 * Runs a command and exits with its code.
 * @param {(session: Session) => Promise<number | void>} main its result is the exit code, 0 by default
 * @param {{ interruptIsSuccess?: boolean }} options for commands that run until Ctrl-C
 */
export async function runCommand(main, { interruptIsSuccess = false } = {}) {
  const session = new Session();
  // A closed terminal must not keep the children from being stopped.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  const interrupted = untilInterrupted(session).then((name) => {
    tell(`\nStopping (${name}) …`);
    return interruptIsSuccess ? 0 : 128 + constants.signals[name];
  });
  let exitCode;
  try {
    exitCode = (await Promise.race([main(session), interrupted])) ?? 0;
  } catch (error) {
    process.stderr.write(`\n${describe(error)}\n`);
    exitCode = 1;
  }
  await session.stop();
  process.exit(exitCode);
}
