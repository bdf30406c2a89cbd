// The command line of the bench.
import { readArguments } from '../tools/terminal/options.js';
import { Problem } from '../tools/terminal/problem.mjs';

export const USAGE = `npm run bench -- [options]
  --payments <n>      payments of each contestant (5000)
  --connections <n>   connections of the load generator (64)
  --rounds <n>        rounds the payments are spread over, the contestants taking turns (4)
  --warm-up <n>       payments of each before anything counts (5000)
  --calls <n>         single payments compared with bare gateway calls (200)
  --guarded           a third contestant takes part: the same guarantees, written by hand
  --profile <name>    a process whose time is profiled: api, worker, webhook, orders, sandbox, bare-api, bare-worker,
                      bare-webhook, bare-orders, the same of guarded, or postgres for its statements. May be given several times.
  --json              the last line is one JSON object`;

const OWN = ['api', 'worker', 'webhook', 'orders'];
const ownOf = (contestant: string) => OWN.map((name) => `${contestant}-${name}`);
const PROFILED = [...OWN, 'sandbox', 'postgres', ...ownOf('bare'), ...ownOf('guarded')];
const DEFAULTS = { payments: 5000, connections: 64, rounds: 4, 'warm-up': 5000, calls: 200 };

const text = { type: 'string' } as const;
const OPTIONS = {
  payments: text,
  connections: text,
  rounds: text,
  'warm-up': text,
  calls: text,
  guarded: { type: 'boolean', default: false },
  profile: { ...text, multiple: true },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What a run is asked to do; numbers are whole and above 0. */
export interface BenchOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly guarded: boolean;
  readonly profile: readonly string[];
  readonly payments: number;
  readonly connections: number;
  readonly rounds: number;
  readonly warmUp: number;
  readonly calls: number;
}

function positiveNumber(
  values: Readonly<Record<string, unknown>>,
  name: keyof typeof DEFAULTS,
): number {
  const value = values[name] === undefined ? DEFAULTS[name] : Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Problem(`--${name} must be a whole number above 0.\n\n${USAGE}`);
}

function checkProfiled(names: readonly string[], hasGuarded: boolean): void {
  const unknown = names.find((name) => !PROFILED.includes(name));
  if (unknown !== undefined) throw new Problem(`There is no process "${unknown}".\n\n${USAGE}`);
  const absent = names.find((name) => name.startsWith('guarded-') && !hasGuarded);
  if (absent !== undefined) throw new Problem(`"${absent}" runs with --guarded only.\n\n${USAGE}`);
}

/**
 * Reads the arguments.
 * @throws {Problem} with the usage
 */
export function readOptions(args: string[]): BenchOptions {
  const values = readArguments(args, OPTIONS, USAGE);
  const profile = values.profile ?? [];
  checkProfiled(profile, values.guarded);
  return {
    help: values.help,
    json: values.json,
    guarded: values.guarded,
    profile,
    payments: positiveNumber(values, 'payments'),
    connections: positiveNumber(values, 'connections'),
    rounds: positiveNumber(values, 'rounds'),
    warmUp: positiveNumber(values, 'warm-up'),
    calls: positiveNumber(values, 'calls'),
  };
}
