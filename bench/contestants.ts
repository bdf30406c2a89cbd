// The contestants beside Quittance. Another one is another entry here, and a folder of its name
// with a `program.ts` and a `tables.sql`.
import type { Contestant, Setting } from './contestant.js';
import { startGuarded } from './guarded/contestant.js';
import { startProcesses } from './processes.js';
import { startUsual } from './usual/contestant.js';

interface Entry {
  readonly name: string;
  /** The description of the option that adds it; without one it always takes part. */
  readonly option?: string;
  readonly start: (setting: Setting) => Promise<Contestant>;
}

/** In the order of their columns. */
export const OTHERS: readonly Entry[] = [
  { name: 'bare', start: (setting) => startProcesses('bare', setting) },
  {
    name: 'usual',
    option: 'adds the app that the documentation of NestJS leads to',
    start: startUsual,
  },
  {
    name: 'guarded',
    option: 'adds the same guarantees, written by hand',
    start: startGuarded,
  },
];

/** Starts those that take part: an optional one is a member of `options`. */
export async function startOthers(options: object, setting: Setting): Promise<Contestant[]> {
  const started: Contestant[] = [];
  for (const { name, option, start } of OTHERS)
    if (option === undefined || name in options) started.push(await start(setting));
  return started;
}
