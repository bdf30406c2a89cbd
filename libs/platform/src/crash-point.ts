// Trap doors for the chaos tests: named places at which a process can be made to kill or stop
// itself, so that "dies right after the commit" is a place in the code and not a matter of luck.
// Not armed, a call is one comparison.
import { writeSync } from 'node:fs';
import { ConfigError } from './config/config.js';

/**
 * What an armed place does to its process: die as by `kill -9`, or freeze until somebody sends
 * SIGCONT.
 */
type Trap = 'SIGKILL' | 'SIGSTOP';

const VARIABLES: Readonly<Record<string, Trap>> = {
  QUITTANCE_CRASH_AT: 'SIGKILL',
  QUITTANCE_STALL_AT: 'SIGSTOP',
};

/** `<subject>.<place>`, with `#n` for the n-th time it is reached. */
const PLACE = /^([a-z-]+\.[a-z-]+)(?:#([1-9]\d{0,5}))?$/;

interface ArmedPlace {
  readonly name: string;
  readonly trap: Trap;
  timesLeft: number;
}

/** What springing a trap does; the process itself, but for tests. */
export interface CrashHost {
  say(text: string): void;
  signal(trap: Trap): void;
}

const thisProcess: CrashHost = {
  // Synchronous: nothing that waits for its turn is written any more.
  say: (text) => void writeSync(2, text),
  signal: (trap) => void process.kill(process.pid, trap),
};

let armed: ArmedPlace | undefined;
let host = thisProcess;

/**
 * Arms the place that `QUITTANCE_CRASH_AT` or `QUITTANCE_STALL_AT` names, once, at the start of a
 * process. Throws {@link ConfigError} for a name that is none, for both at once, and for any of
 * them in production.
 */
export function armCrashPoint(
  env: Readonly<Record<string, string | undefined>>,
  on: CrashHost = thisProcess,
): void {
  host = on;
  const set = Object.entries(VARIABLES).filter(([variable]) => (env[variable] ?? '') !== '');
  armed = undefined;
  if (set.length === 0) return;
  const problems = set.flatMap(([variable]) => problemWith(variable, env));
  if (set.length > 1) problems.push('QUITTANCE_CRASH_AT and QUITTANCE_STALL_AT exclude each other');
  if (problems.length > 0) throw new ConfigError(problems);
  const [[variable, trap] = ['', 'SIGKILL' as const]] = set;
  const [, name = '', times = '1'] = PLACE.exec(env[variable] ?? '') ?? [];
  armed = { name, trap, timesLeft: Number(times) };
}

function problemWith(
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  if (env['NODE_ENV'] === 'production')
    return [`${variable} makes a process kill or stop itself; unset it in production`];
  return PLACE.test(env[variable] ?? '') ? [] : [`${variable} must be <subject>.<place>[#<n>]`];
}

/** Marks a place. Does nothing unless it is the armed one. */
export function crashPoint(name: string): void {
  if (armed?.name === name) spring(armed);
}

/**
 * Marks what follows the work of this turn of the event loop, such as the bytes that are about to
 * be written.
 */
export function crashPointAfterThisTurn(name: string): void {
  if (armed?.name === name) setImmediate(() => crashPoint(name));
}

function spring(place: ArmedPlace): void {
  place.timesLeft -= 1;
  if (place.timesLeft > 0) return;
  armed = undefined;
  host.say(`${place.trap} at ${place.name}\n`);
  host.signal(place.trap);
}
