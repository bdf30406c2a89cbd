// Watches the connections of one client to the primaries of a Redis Cluster, each like the only
// connection to a single server. ioredis does not open a destroyed one again by itself: the next
// command asks another node for the present primary.
import type { Redis } from 'ioredis';
import { ConnectionWatch, type WatchOptions } from './connection-watch.js';
import { primariesOf } from './write-probe.js';

/** Settings of the watch of a Cluster. */
export interface ClusterWatchOptions extends WatchOptions {
  /**
   * A command to all primaries, also those without a connection; its result goes to `onReply`.
   * Omitted where another connection of the process sends it.
   */
  readonly probe?: (redis: Redis) => Promise<unknown>;
  /** True to connect to all primaries, false to watch those that commands have connected to. */
  readonly connects: boolean;
}

/** Watches one client of a Cluster. The owner calls `check()` once a second. */
export class ClusterWatch {
  #watches = new Map<Redis, ConnectionWatch>();
  #isProbing = false;
  #isProbeRejected = false;

  constructor(
    readonly redis: Redis,
    private readonly options: ClusterWatchOptions,
  ) {}

  /** True when the client knows its Cluster and each watched connection is responsive. */
  get isResponsive(): boolean {
    if (this.redis.status !== 'ready' || this.#isProbeRejected) return false;
    return this.#connected().every((node) => this.#watches.get(node)?.isResponsive ?? true);
  }

  /** Checks all connections once. Returns true when one was silent and has been destroyed. */
  check(): boolean {
    this.#probe();
    const { connects } = this.options;
    for (const node of primariesOf(this.redis))
      if (connects && node.status === 'wait') node.connect().catch(() => undefined);
    const known = this.#watches;
    this.#watches = new Map(
      this.#connected().map((node) => [
        node,
        known.get(node) ?? new ConnectionWatch(node, this.options),
      ]),
    );
    return [...this.#watches.values()].filter((watch) => watch.check()).length > 0;
  }

  /** Destroys the connections. */
  drop(): void {
    for (const watch of this.#watches.values()) watch.drop();
  }

  #connected(): readonly Redis[] {
    return primariesOf(this.redis).filter(({ status }) => status !== 'wait');
  }

  #probe(): void {
    const { probe, onReply } = this.options;
    if (!probe || this.#isProbing || this.redis.status !== 'ready') return;
    this.#isProbing = true;
    probe(this.redis)
      .then(
        () => undefined,
        (error: unknown) => error ?? new Error('refused'),
      )
      .then((error) => {
        this.#isProbing = false;
        this.#isProbeRejected = error !== undefined;
        onReply?.(error);
      })
      .catch(() => undefined);
  }
}
