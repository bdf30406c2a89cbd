// The settings of submission lanes. Workers read them every two seconds, operators change them.
// SQL: a lane exists by its terminals, and its row only once an operator has changed a setting.
import type { Pool } from 'pg';
import type { PrismaTransaction } from './prisma.service.js';

/** A lane and its settings; null stands for none. */
export interface LaneSettings {
  readonly name: string;
  /** Most submissions in flight, of all workers together. */
  readonly concurrency: number | null;
  /** Most submissions that start in a second, of all workers together. */
  readonly ratePerSecond: number | null;
  /** While set, the lane's payments stay queued. */
  readonly pausedReason: string | null;
}

/** A lane as operators list it. */
export interface ListedLane extends LaneSettings {
  readonly terminals: number;
  readonly pausedAt: Date | null;
  readonly pausedBy: string | null;
}

const LISTED = `
SELECT name, count(t.id)::integer AS terminals, l.concurrency, l.rate_per_second AS "ratePerSecond",
  l.paused_at AS "pausedAt", l.paused_reason AS "pausedReason", l.paused_by AS "pausedBy"
FROM (SELECT lane AS name, id FROM terminals UNION ALL SELECT lanes.name, NULL FROM lanes) t
  LEFT JOIN lanes l USING (name)
GROUP BY name, l.name ORDER BY name`;

export class Lanes {
  constructor(private readonly pool: Pool) {}

  /** Returns the lanes that terminals use now, and those with settings. */
  async list(): Promise<ListedLane[]> {
    return (await this.pool.query<ListedLane>(LISTED)).rows;
  }
}

/** The changeable fields of a lane, in the database's names. */
export interface ChangeableLane {
  readonly concurrency: number | null;
  readonly rate_per_second: number | null;
  readonly paused_reason: string | null;
}

/**
 * Reads the settings of a lane and locks them until the transaction ends. Returns `undefined` when
 * there is no such lane.
 */
export async function lockLane(
  tx: PrismaTransaction,
  name: string,
  now: Date,
): Promise<ChangeableLane | undefined> {
  await tx.$executeRaw`
    INSERT INTO lanes (name, updated_at) SELECT lane, ${now} FROM terminals WHERE lane = ${name} LIMIT 1
    ON CONFLICT DO NOTHING`;
  const [lane] = await tx.$queryRaw<ChangeableLane[]>`
    SELECT concurrency, rate_per_second, paused_reason FROM lanes WHERE name = ${name} FOR UPDATE`;
  return lane;
}
