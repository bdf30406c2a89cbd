// A reply, or a fence, is in the memory of one process only: storing it, or learning that it is stored, is worth more than one try.
import { setTimeout as pause } from 'node:timers/promises';
import { isRefusedStatement } from '@quittance/persistence';
import type { Logger } from '@quittance/platform';

/** As long as Postgres may take to restart or fail over. After that the sweeper's inquiry finds out again. */
const TRY_FOR_MS = 120_000;
const PAUSE_MS = 500;

/** Runs `store`, which stores `what`, until it succeeds, is refused by Postgres itself, or Postgres has been away for two minutes. */
export async function untilStored<T>(
  log: Logger,
  what: 'a fence' | 'a reply',
  store: () => Promise<T>,
): Promise<T> {
  const endsAt = performance.now() + TRY_FOR_MS;
  for (;;) {
    try {
      return await store();
    } catch (error) {
      if (isRefusedStatement(error) || performance.now() > endsAt) throw error;
      log.warn({ err: error }, `${what} could not be stored yet`);
      await pause(PAUSE_MS);
    }
  }
}
