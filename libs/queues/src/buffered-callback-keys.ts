// The keys of the lists in which the webhook buffers callbacks.
import { isCluster } from '@quittance/redis';

/** Returns both; in a Cluster they are in one slot, so that an entry can move between them. */
export function bufferedCallbackKeys(connection: object, prefix: string) {
  const waiting = `${prefix}-${isCluster(connection) ? 'callbacks-{waiting}' : 'callbacks-kept'}`;
  return { waiting, aside: `${waiting}-set-aside` };
}
