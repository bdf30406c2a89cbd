// One local stack per data folder: two would share databases and queues and take each other's work.
import { dataFolder } from '../place.mjs';
import { endAllLeftovers } from '../processes/leftovers.mjs';
import { tryLock } from '../processes/lock.mjs';
import { Problem } from '../terminal/problem.mjs';
import { step } from '../terminal/progress.mjs';

/** Takes the data folder until this command ends, and ends what a killed one has left running. */
export async function ownDataFolder(): Promise<void> {
  const { holder, release } = tryLock('stack');
  if (holder)
    throw new Problem(
      `A stack already runs on ${dataFolder} (${holder.purpose}, process ${holder.pid}).\n` +
        'Stop it, or give this one a folder of its own: QUITTANCE_DATA=.data-2, and other ports.',
    );
  process.on('exit', release);
  const ended = await endAllLeftovers();
  if (ended.length > 0) await step('leftovers', async (say) => say(`ended: ${ended.join(', ')}`));
}
