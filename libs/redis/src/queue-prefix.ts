// The first part of a queue's keys. In a Redis Cluster it has a hash tag, because BullMQ's scripts
// need all keys of a queue in one slot.

/**
 * Returns BullMQ's `prefix` for a queue over this connection, where `prefix` is the first part of
 * every key: in a Cluster `quittance:{orders}`, otherwise `prefix` itself. A prefix that has a hash
 * tag stays as it is.
 */
export function queuePrefix(connection: object, prefix: string, queue: string): string {
  return isCluster(connection) && !prefix.includes('{') ? `${prefix}:{${queue}}` : prefix;
}

/** Returns true for a connection to a Redis Cluster. */
export function isCluster(connection: object): boolean {
  return 'isCluster' in connection && connection.isCluster === true;
}
