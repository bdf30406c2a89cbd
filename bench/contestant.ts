// The bench's view of a contestant: a system of four processes that accepts payments and stores
// their final events. `<name>/contestant.ts` starts it.
import { onDatabase } from '@quittance/databases';
import type { TerminalWithKeys } from '../tools/stack/terminals.js';
import type { Servers } from './servers.js';

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

/** Reads a time of each payment since an instant, in milliseconds since the epoch, by its id. */
export type Times = (since: Date) => Promise<ReadonlyMap<string, number>>;

/** Reads times with a statement that selects `id` and a time `at` since `$1`. */
export const timesFrom =
  (databaseUrl: string, text: string): Times =>
  async (since) => {
    type Row = { readonly id: string; readonly at: Date };
    const { rows } = await onDatabase(databaseUrl, (client) => client.query<Row>(text, [since]));
    return new Map(rows.map(({ id, at }) => [id, at.getTime()]));
  };

/** A running system. */
export interface Contestant {
  readonly name: string;
  readonly processes: readonly MeasuredProcess[];
  readonly url: string;
  readonly apiKey: string;
  /** The time at which each payment was accepted. */
  readonly accepted: Times;
  /** The time at which each payment's final event was stored. */
  readonly stored: Times;
  /** Rejects when one of its processes ends. */
  readonly ended: Promise<never>;
  /** More figures, read after the rounds. Throws if the contestant broke a promise. */
  readonly moreFigures?: () => Promise<object>;
}

/** Everything that all contestants work with; all pay through one terminal of the sandbox. */
export type Setting = Servers & {
  readonly gateway: { readonly url: string; readonly terminal: TerminalWithKeys };
};
