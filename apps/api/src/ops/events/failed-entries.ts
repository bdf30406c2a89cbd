// The failed entries of subscribers as operators see them.
import type { FailedSets } from '@quittance/operations';
import { z } from 'zod';

export const failedEntrySchema = z.object({
  entry: z.string().meta({ description: 'Names the entry in a replay: `orders/12`.' }),
  subscriber: z.string(),
  failed_at: z.iso.datetime(),
  attempts: z.int(),
  reason: z.string(),
  events: z.array(z.string()),
});
export type FailedEntry = z.infer<typeof failedEntrySchema>;

/** Returns the failed entries of the subscribers, oldest first, `limit` of each at most. */
export async function failedEntries(
  sets: FailedSets,
  subscribers: readonly string[],
  limit: number,
): Promise<FailedEntry[]> {
  const lists = subscribers.map(async (subscriber) => {
    const { oldest } = await sets.list(subscriber, limit);
    return oldest.map(({ id, failedAt, attempts, events, reason }) => ({
      entry: `${subscriber}/${id}`,
      subscriber,
      failed_at: failedAt.toISOString(),
      attempts,
      reason: reason.split('\n')[0] ?? '',
      events: events.map((event) => event.id),
    }));
  });
  return (await Promise.all(lists)).flat();
}
