// The beats by which a replica proves whose data it has, and how old they are: one row that changes
// about once a second on the primary. A clock alone would not do, because a restored copy of the
// database may have writers of its own. SQL: an upsert on a condition, and Postgres's own clock.
import type { Pool } from 'pg';

/** The newest beats of a server, and a time before the commit of the newest one. */
export interface Beats {
  readonly beats: readonly string[];
  /** By the clock of the primary. */
  readonly at: Date;
}

interface BeatsRow extends Beats {
  /** False when the next beat is due. */
  readonly isFresh: boolean;
}

/** A process that looks once a second and writes none still finds two of them. */
const REMEMBERED = 12;

/** A row of the future is from before the clock was set back. */
const IS_FRESH = `at BETWEEN clock_timestamp() - interval '0.9 seconds' AND clock_timestamp()`;

/** Returns no row before the first beat. */
export const READ_BEATS = `SELECT beats::text[] AS beats, at, ${IS_FRESH} AS "isFresh" FROM replica_beats`;

const BEAT = {
  name: 'replica_beat',
  text: `
INSERT INTO replica_beats AS b (beats, at) VALUES (ARRAY[gen_random_uuid()], clock_timestamp())
ON CONFLICT (only_row) DO UPDATE SET beats = (gen_random_uuid() || b.beats)[1:${REMEMBERED}], at = clock_timestamp()
WHERE NOT (b.${IS_FRESH})`,
};

/** Returns the beats of the primary. Adds one if the newest is a second old. */
export async function beat(primary: Pick<Pool, 'query'>): Promise<Beats> {
  const read = () => primary.query<BeatsRow>({ name: 'replica_beats', text: READ_BEATS });
  const { rows } = await read();
  if (rows[0]?.isFresh) return rows[0];
  await primary.query(BEAT);
  const [row] = (await read()).rows;
  if (!row) throw new Error('there is no beat after one was written');
  return row;
}

/** True when two servers have a beat in common: one has the other's data of the last seconds. */
export function haveCommonBeat(one: readonly string[], other: readonly string[]): boolean {
  return one.some((id) => other.includes(id));
}
