// What the rounds know of a contestant.
import type { Client } from 'pg';
import type { TerminalWithKeys } from '../../tools/stack/keys.js';
import type { Servers } from '../machine/servers.js';

/** A process whose cost is counted; of a `family` with its children. */
export interface MeasuredProcess {
  readonly name: string;
  readonly pid: number;
  readonly family?: boolean;
}

/**
 * Something that takes payments, and can tell when their final events were stored. Times are
 * milliseconds since the epoch.
 */
export interface Contestant {
  readonly name: string;
  /** Where it takes payments in. */
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly processes: readonly MeasuredProcess[];
  readonly ordersDatabaseUrl: string;
  /** Payments whose final event is stored. */
  countFinal(client: Client): Promise<number>;
  /** Of the payments whose final event was stored since. */
  readTimes(since: number): Promise<{ acceptedAt: number; storedAt: number }[]>;
  /** Rejects when one of its processes ends. */
  readonly ended: Promise<never>;
}

type Environment = Readonly<Record<string, string>>;

/**
 * What a contestant is started with. `nodeOptionsOf` and `secretsOf` add to a process's
 * environment, by its name.
 */
export interface ContestantOptions {
  readonly servers: Servers;
  readonly sandboxUrl: string;
  readonly terminal: TerminalWithKeys;
  nodeOptionsOf(process: string): Environment;
  secretsOf?(process: string): Environment;
}

/** Runs `statement`, which selects one integer as `count`. */
export async function countBy(client: Client, statement: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(statement);
  return rows[0]?.count ?? 0;
}
