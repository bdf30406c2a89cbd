// The bench's view of a contestant. Each is a folder: `contestant.ts` starts it, and the programs
// of one written by hand are its `api.ts`, `worker.ts`, `webhook.ts` and `orders.ts`.
import type { TerminalWithKeys } from '../tools/stack/keys.js';
import type { Servers } from './servers.js';

/** A process whose cost is measured; of a `family` together with its children. */
export interface MeasuredProcess {
  readonly name: string;
  readonly pid: number;
  readonly family?: boolean;
}

/** A statement that selects `id` and a time `at` of each payment since `$1`. */
export interface TimesQuery {
  readonly databaseUrl: string;
  readonly text: string;
}

/** A running system that accepts payments and stores their final events. */
export interface Contestant {
  readonly name: string;
  readonly processes: readonly MeasuredProcess[];
  readonly url: string;
  readonly apiKey: string;
  /** The time at which each payment was accepted. */
  readonly accepted: TimesQuery;
  /** The time at which each payment's final event was stored. */
  readonly stored: TimesQuery;
  /** Selects the number of final orders as `count`, from the database of `stored`. */
  readonly finalCount: string;
  /** Rejects when one of its processes ends. */
  readonly ended: Promise<never>;
  /** More figures, read after the rounds. Throws if the contestant broke a promise. */
  readonly moreFigures?: () => Promise<object>;
}

/** Everything that a contestant written by hand is started with. */
export interface Setting {
  readonly servers: Servers;
  /** The sandbox, and the terminal that all contestants pay through. */
  readonly gateway: { readonly url: string; readonly terminal: TerminalWithKeys };
  /** Adds to the environment of a process, such as `api` of Quittance or `bare-api`. */
  readonly environmentOf: (process: string) => Readonly<Record<string, string>>;
}
