// A write without effect: Redis refuses it whenever it would refuse any other write, and stores
// nothing, because the key does not exist. In a Cluster every primary must accept it.
import type { Cluster, Redis } from 'ioredis';
import { isCluster } from './queue-prefix.js';

/** Each key hits one primary by chance, so that this many miss none of hundreds of primaries. */
const TAGS_MAX = 10_000;

/** Probes the servers of one connection. */
export class WriteProbe {
  /** Hash tags that lead to every primary which was seen so far. */
  readonly #tags = new Set(['{0}']);
  readonly #known = new WeakSet<Redis>();

  /** `key` is never written. With a hash tag of its own only the primary of that slot is probed. */
  constructor(private readonly key: string) {}

  /** Rejects when the server, or one primary of the Cluster, is unavailable or refuses writes. */
  async write(redis: Redis): Promise<void> {
    const probe = (to: Redis, key: string) => to.set(key, '1', 'XX');
    if (!isCluster(redis) || this.key.includes('{')) return void (await probe(redis, this.key));
    for (const node of primariesOf(redis)) await this.#learnTag(node, probe);
    // Sent by slot: when a primary is gone, its tag leads to its successor, or to an error.
    await Promise.all([...this.#tags].map((tag) => probe(redis, this.key + tag)));
  }

  async #learnTag(node: Redis, probe: (to: Redis, key: string) => Promise<unknown>): Promise<void> {
    for (let tag = 0; tag < TAGS_MAX && !this.#known.has(node); tag += 1) {
      const isHere = await probe(node, `${this.key}{${tag}}`).then(() => true, isElsewhere);
      if (!isHere) continue;
      this.#known.add(node);
      this.#tags.add(`{${tag}}`);
    }
  }
}

/** False for the answer of a primary that has another part of the slots. */
function isElsewhere(error: unknown): boolean {
  if (error instanceof Error && /^(MOVED|ASK) /.test(error.message)) return false;
  throw error;
}

/** Returns the connections to the primaries of a Cluster that are known now, or the only one. */
export function primariesOf(redis: Redis): readonly Redis[] {
  return isCluster(redis) ? (redis as unknown as Cluster).nodes('master') : [redis];
}
