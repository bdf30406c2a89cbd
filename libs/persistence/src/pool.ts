// One pool per process, shared by hand-written SQL and by Prisma, so that one number limits the
// connections.
import { openPool, type PoolOptions } from '@quittance/postgres';
import type { Pool } from 'pg';

/**
 * Every statement of ours reaches rows through an index, a batch at a time. With statistics that
 * lag behind a table that grows by thousands of rows a minute, the planner would read whole tables
 * to join them with such a batch.
 */
const PLANNER = {
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_seqscan: 'off',
  jit: 'off',
};

/**
 * Prisma writes and reads instants without their offset, which is correct only if the session's
 * time zone is UTC.
 */
const TIME_ZONE = { TimeZone: 'UTC' };

export function createPool(options: Omit<PoolOptions, 'settings'>): Pool {
  return openPool({ ...options, settings: { ...PLANNER, ...TIME_ZONE } });
}
