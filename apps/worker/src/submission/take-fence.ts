// Takes the fence, the same for a payment and a refund. When a connection breaks between the commit and its answer, nobody else can
// tell that nothing was sent: the process that does know asks until it has learned whether the fence is its own.
import type { Logger } from '@quittance/platform';
import { untilStored } from './until-stored.js';

/** The record in which a fence is taken, by a change that carries an id of its own. */
interface Fences<Change> {
  record(change: Change): Promise<boolean>;
  isFenceTaken(change: Change): Promise<boolean>;
}

/**
 * Writes `change`, which opens an attempt. True when this call, and nobody else's, has taken the fence; false when somebody was
 * faster. Throws when Postgres refuses the statement or stays away: then the fence may have been taken all the same.
 */
export async function takeFence<Change>(
  log: Logger,
  fences: Fences<Change>,
  change: Change,
): Promise<boolean> {
  let mayHaveCommitted = false;
  return untilStored(log, 'a fence', async () => {
    try {
      // Written again rather than only looked for: the lost statement may still be on its way to the row, and then one of the two fails.
      if (await fences.record(change)) return true;
      return mayHaveCommitted && (await fences.isFenceTaken(change));
    } catch (error) {
      mayHaveCommitted = true;
      throw error;
    }
  });
}
