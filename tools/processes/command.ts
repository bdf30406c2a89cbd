// The frame of every command: signals, and the promise that what was started is stopped.
import { constants } from 'node:os';
import { setInterval } from 'node:timers';
import { tell } from '../terminal/progress.mjs';
import { Session } from './session.js';

const PARENT_CHECK_MS = 1000;
// One Ctrl-C can arrive twice: from the terminal, and passed on by npm.
const SAME_INTERRUPT_MS = 1000;

/**
 * Resolves with a signal's name. A person's second signal, not an echo of the first, ends
 * everything at once.
 */
function untilInterrupted(session: Session): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let interruptedAt: number | undefined;
    const interrupt = (name: NodeJS.Signals) => {
      interruptedAt ??= Date.now();
      if (Date.now() - interruptedAt > SAME_INTERRUPT_MS) session.killAll();
      resolve(name);
    };
    process.on('SIGHUP', interrupt).on('SIGINT', interrupt).on('SIGTERM', interrupt);
    if (process.env['npm_lifecycle_event'] === undefined) return;
    // If npm is killed, no signal of the terminal reaches this process.
    const npm = process.ppid;
    const check = setInterval(() => {
      if (process.ppid === npm) return;
      clearInterval(check);
      interrupt('SIGHUP');
    }, PARENT_CHECK_MS);
    check.unref();
  });
}

/**
 * Runs a command to its end, stops what it has started, and resolves with the exit code.
 * `interruptIsSuccess` is for commands that run until Ctrl-C.
 */
export async function runCommand(
  command: (session: Session, args: string[]) => Promise<number | void>,
  args: string[],
  { interruptIsSuccess = false } = {},
): Promise<number> {
  const session = new Session();
  // A closed terminal must not keep the children from being stopped.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  const interrupted = untilInterrupted(session).then((name) => {
    tell(`\nStopping (${name}) …`);
    return interruptIsSuccess ? 0 : 128 + constants.signals[name];
  });
  try {
    return (await Promise.race([command(session, args), interrupted])) ?? 0;
  } finally {
    await session.stop();
  }
}
