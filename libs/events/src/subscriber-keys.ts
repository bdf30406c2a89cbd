// The first part of the keys that a subscriber has in Redis beside those of its queue. They begin
// like its queue's keys, so that one rule of an access list covers both; in a Cluster they are on
// the primary from which it consumes.
import { isClusterUrl, type Secret } from '@quittance/platform';
import { queuePrefix } from '@quittance/redis';
import { subscriberQueue } from './contract.js';

/** Returns e.g. `quittance:events-orders`, and for a Cluster `quittance:{events-orders}`. */
export function subscriberKeys(
  redisUrl: Secret<string>,
  prefix: string,
  subscriber: string,
): string {
  const queue = subscriberQueue(subscriber);
  const own = queuePrefix({ isCluster: isClusterUrl(redisUrl.reveal()) }, prefix, queue);
  return own.includes('{') ? own : `${prefix}:${queue}`;
}
