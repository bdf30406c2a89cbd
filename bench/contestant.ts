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

/** A statement and the database it runs on. */
export interface Reading {
  readonly databaseUrl: string;
  readonly text: string;
}

/** A running system that accepts payments and stores their final events. */
export interface Contestant {
  readonly name: string;
  readonly processes: readonly MeasuredProcess[];
  /** The address of the API, and the headers that it requires. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Selects the number of payments whose final event is stored as `count`. */
  readonly finalCount: Reading;
  /** Selects `id` and the time `at` of each payment accepted since `$1`. */
  readonly accepted: Reading;
  /** Selects `id` and the time `at` of each payment whose final event was stored since `$1`. */
  readonly stored: Reading;
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
