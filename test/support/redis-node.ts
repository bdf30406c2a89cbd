// One server of several in a test: commands to it, beside the connections that are tested.
import { Redis } from 'ioredis';

/** The port of a server or a Sentinel on this machine, and its password. */
export interface RedisNode {
  readonly port: number;
  readonly password: string;
}

/** The reply to a command, over a connection that fails instead of waiting. */
export async function commandOn(
  node: RedisNode,
  ...[name = '', ...args]: readonly string[]
): Promise<unknown> {
  const redis = new Redis({
    ...node,
    host: '127.0.0.1',
    enableReadyCheck: false,
    connectTimeout: 1_000,
    commandTimeout: 2_000,
    retryStrategy: () => null,
  });
  redis.on('error', () => {});
  try {
    return await redis.call(name, ...args);
  } finally {
    redis.disconnect();
  }
}

/** True when the server follows another one. */
export async function isReplica(node: RedisNode): Promise<boolean> {
  const [role] = (await commandOn(node, 'ROLE')) as [string];
  return role === 'slave';
}
