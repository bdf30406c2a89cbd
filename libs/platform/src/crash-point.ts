// Crash points for the chaos tests: named places at which a process can kill or stop itself, which
// makes "dies right after the commit" reproducible. An unarmed call costs one comparison.
import { writeSync } from 'node:fs';
import { ConfigError } from './config/config.js';

/** The effect of an armed crash point: die as by `kill -9`, or freeze until SIGCONT. */
type CrashSignal = 'SIGKILL' | 'SIGSTOP';

const VARIABLES: Readonly<Record<string, CrashSignal>> = {
  QUITTANCE_CRASH_AT: 'SIGKILL',
  QUITTANCE_STALL_AT: 'SIGSTOP',
};

/** `<subject>.<place>`, with `#n` for the n-th time that the process reaches it. */
const PLACE = /^([a-z-]+\.[a-z-]+)(?:#([1-9]\d{0,5}))?$/;

interface ArmedPoint {
  readonly name: string;
  readonly crashSignal: CrashSignal;
  timesLeft: number;
}

/** The process that a crash point kills or stops; tests substitute their own. */
export interface CrashHost {
  print(text: string): void;
  signal(crashSignal: CrashSignal): void;
}

const thisProcess: CrashHost = {
  // Synchronous, because buffered output would be lost.
  print: (text) => void writeSync(2, text),
  signal: (crashSignal) => void process.kill(process.pid, crashSignal),
};

let armed: ArmedPoint | undefined;
let host = thisProcess;

/**
 * Arms the crash point that `QUITTANCE_CRASH_AT` or `QUITTANCE_STALL_AT` names. Call it once, at
 * startup. Throws {@link ConfigError} for an invalid name, for both variables together, and for
 * either in production.
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
  const [[variable, crashSignal] = ['', 'SIGKILL' as const]] = set;
  const [, name = '', times = '1'] = PLACE.exec(env[variable] ?? '') ?? [];
  armed = { name, crashSignal, timesLeft: Number(times) };
}

function problemWith(
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  if (env['NODE_ENV'] === 'production')
    return [`${variable} makes a process kill or stop itself; unset it in production`];
  return PLACE.test(env[variable] ?? '') ? [] : [`${variable} must be <subject>.<place>[#<n>]`];
}

/** Marks a crash point. Does nothing unless it is armed. */
export function crashPoint(name: string): void {
  if (armed?.name === name) trigger(armed);
}

/**
 * Marks a crash point after the work of this turn of the event loop, such as the bytes that are
 * about to be written.
 */
export function crashPointAfterThisTurn(name: string): void {
  if (armed?.name === name) setImmediate(() => crashPoint(name));
}

function trigger(place: ArmedPoint): void {
  place.timesLeft -= 1;
  if (place.timesLeft > 0) return;
  armed = undefined;
  host.print(`${place.crashSignal} at ${place.name}\n`);
  host.signal(place.crashSignal);
}
