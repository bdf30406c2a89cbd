// The bench's view of a contestant: a system of four processes that accepts payments and stores
// their final events. `<name>/contestant.ts` starts it.
import type { TerminalWithKeys } from '../tools/stack/terminals.js';

/** The processes of every contestant. */
export const ROLES = ['api', 'worker', 'webhook', 'orders'] as const;

/** One of the processes. */
export type Role = (typeof ROLES)[number];

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

/** A running system. */
export interface Contestant {
  readonly name: string;
  readonly processes: readonly MeasuredProcess[];
  readonly url: string;
  readonly apiKey: string;
  /** The time at which each payment was accepted. */
  readonly accepted: TimesQuery;
  /** The time at which each payment's final event was stored. */
  readonly stored: TimesQuery;
  /** Rejects when one of its processes ends. */
  readonly ended: Promise<never>;
  /** More figures, read after the rounds. Throws if the contestant broke a promise. */
  readonly moreFigures?: () => Promise<object>;
}

/** The sandbox, and the terminal that all contestants pay through. */
export interface Gateway {
  readonly url: string;
  readonly terminal: TerminalWithKeys;
}
