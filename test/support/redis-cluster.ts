// A Redis Cluster of three primaries for a test, all real. The first ones have a replica each,
// which takes over when the test kills its primary.
import { Cluster } from 'ioredis';
import type { Session } from '../../tools/processes/session.js';
import { freePort } from '../../tools/servers/ports.js';
import { startRedis } from '../../tools/servers/redis.js';
import type { LocalServer, ServerOptions } from '../../tools/servers/server.js';
import { eventually } from './eventually.js';
import { commandOn, isReplica } from './redis-node.js';

const PRIMARIES = 3;
const SLOTS = 16_384;
/** The nodes call a primary dead after this time. */
const DOWN_AFTER_MS = 2_000;
const FORMS_WITHIN = { limitMs: 60_000 };

interface Node {
  readonly options: ServerOptions;
  running: LocalServer;
}

/** The nodes of one Cluster. The end of the session ends them all. */
export class RedisCluster {
  /** For `REDIS_URL`; it names the nodes that were primaries at the start. */
  readonly url: string;
  readonly #session: Session;
  readonly #nodes: readonly Node[];

  private constructor(session: Session, nodes: readonly Node[]) {
    this.#session = session;
    this.#nodes = nodes;
    const hosts = nodes.slice(0, PRIMARIES).map(({ running }) => `127.0.0.1:${running.port}`);
    this.url = `redis+cluster://:${this.#password}@${hosts.join(',')}`;
  }

  /** Resolves once all slots are served and every replica follows its primary. */
  static async start(
    session: Session,
    { replicas = PRIMARIES }: { readonly replicas?: number } = {},
  ): Promise<RedisCluster> {
    const nodes = [await startNode(session)];
    const password = new URL(nodes[0]!.running.url).password;
    while (nodes.length < PRIMARIES + replicas) nodes.push(await startNode(session, password));
    const cluster = new RedisCluster(session, nodes);
    await cluster.#form(replicas);
    return cluster;
  }

  /** A connection as the documentation advises publishers to open it. */
  connect(): Cluster {
    const nodes = this.#nodes.map(({ running: { port } }) => ({ host: '127.0.0.1', port }));
    const redisOptions = { password: this.#password, maxRetriesPerRequest: null };
    return new Cluster(nodes, { redisOptions });
  }

  /** The port of the primary that has the slot of a key. */
  async portOf(key: string): Promise<number> {
    const port = this.#nodes[0]!.running.port;
    return this.#ask(async (of) => {
      const slot = Number(await this.command(of, 'CLUSTER', 'KEYSLOT', key));
      const ranges = (await this.command(of, 'CLUSTER', 'SLOTS')) as [
        number,
        number,
        [string, number],
      ][];
      return ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1] ?? port;
    });
  }

  /** The ports of the primaries that have no replica. */
  async portsWithoutReplica(): Promise<readonly number[]> {
    const ranges = await this.#ask((port) => this.command(port, 'CLUSTER', 'SLOTS'));
    return (ranges as [number, number, ...[string, number][]][])
      .filter((range) => range.length === 3)
      .map(([, , primary]) => primary?.[1] ?? 0);
  }

  /** Kills the node on this port as a crash would. Resolves with what starts it again, empty. */
  async kill(port: number): Promise<() => Promise<void>> {
    const node = this.#node(port);
    await node.running.kill();
    return async () => {
      node.running = await startRedis(this.#session, node.options);
    };
  }

  /** Stops a node without ending it: connections stay open and nothing answers. */
  freeze(port: number): () => void {
    const { pid } = this.#node(port).running;
    process.kill(pid, 'SIGSTOP');
    return () => void process.kill(pid, 'SIGCONT');
  }

  /** The reply of the node on this port to a command. */
  command(port: number, ...command: readonly string[]): Promise<unknown> {
    return commandOn({ port, password: this.#password }, ...command);
  }

  isReplica(port: number): Promise<boolean> {
    return isReplica({ port, password: this.#password });
  }

  /**
   * Moves the slot of a key to the primary on this port, as `redis-cli --cluster reshard` does.
   * Runs `meanwhile` while half of the slot's keys have moved.
   */
  async moveSlot(key: string, to: number, meanwhile: () => Promise<void>): Promise<void> {
    const from = await this.portOf(key);
    const slot = String(await this.command(from, 'CLUSTER', 'KEYSLOT', key));
    const idOf = async (port: number) => String(await this.command(port, 'CLUSTER', 'MYID'));
    const set = (port: number, ...state: readonly string[]) =>
      this.command(port, 'CLUSTER', 'SETSLOT', slot, ...state);
    await set(to, 'IMPORTING', await idOf(from));
    await set(from, 'MIGRATING', await idOf(to));
    const keys = async () =>
      (await this.command(from, 'CLUSTER', 'GETKEYSINSLOT', slot, '100')) as string[];
    const move = async (moved: readonly string[]) => {
      const target = ['127.0.0.1', `${to}`, '', '0', '5000', 'AUTH', this.#password];
      if (moved.length > 0) await this.command(from, 'MIGRATE', ...target, 'KEYS', ...moved);
    };
    const all = await keys();
    await move(all.slice(0, Math.ceil(all.length / 2)));
    await meanwhile();
    for (let rest = await keys(); rest.length > 0; rest = await keys()) await move(rest);
    const owner = await idOf(to);
    for (const port of [to, from]) await set(port, 'NODE', owner);
  }

  /** Resolves once every node that runs calls the Cluster whole. */
  async isWhole(): Promise<void> {
    for (const { running } of this.#nodes) {
      const info = String(await this.command(running.port, 'CLUSTER', 'INFO'));
      const known = `cluster_known_nodes:${this.#nodes.length}`;
      if (!info.includes('cluster_state:ok') || !info.includes(known))
        throw new Error(`the node on ${running.port} says ${info}`);
    }
  }

  async #form(replicas: number): Promise<void> {
    const primaries = this.#nodes.slice(0, PRIMARIES);
    const [first] = primaries;
    for (const [at, { running }] of this.#nodes.entries())
      await this.command(running.port, 'CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1));
    for (const [at, { running }] of primaries.entries()) {
      const [from, to] = [at, at + 1].map((part) => Math.floor((part * SLOTS) / PRIMARIES));
      await this.command(running.port, 'CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to! - 1}`);
    }
    for (const { running, options } of this.#nodes.slice(1)) {
      const address = ['127.0.0.1', `${running.port}`, options.settings?.['cluster-port'] ?? ''];
      await this.command(first!.running.port, 'CLUSTER', 'MEET', ...address);
    }
    await eventually(() => this.isWhole(), FORMS_WITHIN);
    for (const [at, { running }] of this.#nodes.slice(PRIMARIES).entries()) {
      const id = String(await this.command(primaries[at]!.running.port, 'CLUSTER', 'MYID'));
      await this.command(running.port, 'CLUSTER', 'REPLICATE', id);
    }
    await eventually(async () => {
      for (const { running } of this.#nodes.slice(PRIMARIES)) {
        const info = String(await this.command(running.port, 'INFO', 'replication'));
        if (!info.includes('master_link_status:up')) throw new Error('a replica does not follow');
      }
      for (const { running } of this.#nodes) {
        const ranges = (await this.command(running.port, 'CLUSTER', 'SLOTS')) as unknown[][];
        const followers = ranges.reduce((sum, range) => sum + range.length - 3, 0);
        if (followers !== replicas) throw new Error(`a node knows ${followers} replicas`);
      }
    }, FORMS_WITHIN);
  }

  /** The answer of the first node that gives one. */
  async #ask<T>(question: (port: number) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (const { running } of this.#nodes) {
      try {
        return await question(running.port);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #node(port: number): Node {
    const node = this.#nodes.find(({ running }) => running.port === port);
    if (!node) throw new Error(`no node of the test has the port ${port}`);
    return node;
  }

  get #password(): string {
    return new URL(this.#nodes[0]!.running.url).password;
  }
}

async function startNode(session: Session, password?: string): Promise<Node> {
  const logName = 'cluster-redis';
  const folder = session.temporaryFolder(logName);
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-port': String(await freePort()),
    'cluster-node-timeout': String(DOWN_AFTER_MS),
    'cluster-announce-ip': '127.0.0.1',
    'repl-diskless-sync-delay': '0',
    ...(password !== undefined && { masterauth: password }),
  };
  const options = { folder, isDurable: false, logName, ...(password && { password }), settings };
  const running = await startRedis(session, options);
  if (password !== undefined) return { options, running };
  // The first node has chosen the password; it needs it once it is a replica.
  const own = new URL(running.url).password;
  const again = { ...options, password: own, settings: { ...settings, masterauth: own } };
  await running.stop();
  return { options: again, running: await startRedis(session, again) };
}
