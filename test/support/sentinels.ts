// A primary, a replica and three Sentinels for a test, all real. The test kills the primary; the
// Sentinels make the replica the primary.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataPath } from '../../tools/place.mjs';
import type { Session, StartedProcess } from '../../tools/processes/session.js';
import { freePort } from '../../tools/servers/ports.js';
import { findRedis, startRedis } from '../../tools/servers/redis.js';
import type { LocalServer, ServerOptions } from '../../tools/servers/server.js';
import { eventually } from './eventually.js';
import { commandOn, isReplica } from './redis-node.js';

const SENTINELS = 3;
const NAME = 'quittance';
/** Sentinels call a primary dead after this time, and try again after the other. */
const DOWN_AFTER_MS = 1_000;
const FAILOVER_LIMIT_MS = 5_000;
const SENTINEL_PASSWORD = 'of-the-sentinels';

interface Server {
  readonly options: ServerOptions;
  running: LocalServer;
}

interface Sentinel {
  readonly port: number;
  readonly start: () => StartedProcess;
  running: StartedProcess;
}

/** Servers under three Sentinels. The end of the session ends them all. */
export class SentinelGroup {
  /** For `REDIS_URL`. */
  readonly url: string;
  readonly name = NAME;
  readonly #session: Session;
  readonly #servers: readonly Server[];
  readonly #sentinels: readonly Sentinel[];

  private constructor(
    session: Session,
    servers: readonly Server[],
    sentinels: readonly Sentinel[],
  ) {
    this.#session = session;
    this.#servers = servers;
    this.#sentinels = sentinels;
    const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const user = `:${passwordOf(servers)}`;
    this.url = `redis+sentinel://${user}@${hosts}/${NAME}?sentinel_password=${SENTINEL_PASSWORD}`;
  }

  /** Resolves once every Sentinel knows the others and the replica. */
  static async start(session: Session): Promise<SentinelGroup> {
    const primary = await startServer(session, {});
    const { port } = primary.running;
    const password = passwordOf([primary]);
    const replica = await startServer(session, { replicaof: `127.0.0.1 ${port}`, password });
    const sentinels: Sentinel[] = [];
    while (sentinels.length < SENTINELS)
      sentinels.push(await startSentinel(session, { primary: port, password }));
    const group = new SentinelGroup(session, [primary, replica], sentinels);
    await eventually(() => group.#knowsAll());
    return group;
  }

  /** Kills the primary as a crash would. Resolves with what starts it again. */
  async killPrimary(): Promise<{ startAgain: () => Promise<void>; port: number }> {
    const primary = await this.#primary();
    await primary.running.kill();
    const startAgain = async () => {
      primary.running = await startRedis(this.#session, primary.options);
    };
    return { startAgain, port: primary.running.port };
  }

  /** Stops the primary without ending it: its connections stay open and nothing answers. */
  async freezePrimary(): Promise<{ thaw: () => void; port: number }> {
    const { pid, port } = (await this.#primary()).running;
    process.kill(pid, 'SIGSTOP');
    return { thaw: () => void process.kill(pid, 'SIGCONT'), port };
  }

  /**
   * Cuts the replica off, so that it lacks everything written from now on. Resolves with what lets
   * it replicate again.
   */
  async cutReplica(): Promise<() => Promise<void>> {
    const primaryPort = await this.primaryPort();
    const replica = this.#servers.find(({ running }) => running.port !== primaryPort);
    const { port } = replica!.running;
    const setPassword = async (password: string) =>
      void (await this.command(port, 'CONFIG', 'SET', 'masterauth', password));
    await setPassword('wrong');
    await this.command(port, 'CLIENT', 'KILL', 'TYPE', 'master');
    return () => setPassword(passwordOf(this.#servers));
  }

  /** The port of the primary, as the Sentinels that run know it. */
  async primaryPort(): Promise<number> {
    for (const { port } of this.#sentinels) {
      const named = await onSentinel(port, 'GET-MASTER-ADDR-BY-NAME', NAME).catch(() => undefined);
      if (Array.isArray(named)) return Number(named[1]);
    }
    throw new Error('no sentinel knows the primary');
  }

  /** The reply of the server on this port to a command. */
  command(port: number, ...command: readonly string[]): Promise<unknown> {
    return commandOn({ port, password: passwordOf(this.#servers) }, ...command);
  }

  /** True when the server on this port follows another one. */
  isReplica(port: number): Promise<boolean> {
    return isReplica({ port, password: passwordOf(this.#servers) });
  }

  async killSentinels(): Promise<void> {
    await Promise.all(this.#sentinels.map(({ running }) => running.kill()));
  }

  startSentinels(): void {
    for (const sentinel of this.#sentinels) sentinel.running = sentinel.start();
  }

  /** Ends the servers and the Sentinels before the session does. */
  async stop(): Promise<void> {
    const all = [...this.#sentinels, ...this.#servers];
    await Promise.all(all.map(({ running }) => running.stop()));
  }

  async #primary(): Promise<Server> {
    const port = await this.primaryPort();
    const primary = this.#servers.find(({ running }) => running.port === port);
    if (!primary) throw new Error(`the primary at ${port} is none of the test's servers`);
    return primary;
  }

  async #knowsAll(): Promise<void> {
    for (const { port } of this.#sentinels) {
      const [fields] = (await onSentinel(port, 'MASTERS')) as string[][];
      const known = new Map(
        fields?.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1]]] : [])),
      );
      const [others, replicas] = [known.get('num-other-sentinels'), known.get('num-slaves')];
      if (others !== String(SENTINELS - 1) || replicas !== '1')
        throw new Error(`a sentinel knows ${others} others and ${replicas} replicas`);
    }
  }
}

const passwordOf = ([server]: readonly Server[]) => new URL(server?.running.url ?? '').password;

async function startServer(
  session: Session,
  { password, ...settings }: { readonly password?: string; readonly replicaof?: string },
): Promise<Server> {
  const logName = 'sentinel-redis';
  const folder = session.temporaryFolder(logName);
  const options = { folder, isDurable: false, logName, ...(password && { password }) };
  const quick = { 'repl-diskless-sync-delay': '0', ...(password && { masterauth: password }) };
  const running = await startRedis(session, { ...options, settings: { ...settings, ...quick } });
  // When it comes back, it is a replica if the Sentinels say so.
  const own = new URL(running.url).password;
  return { running, options: { ...options, settings: { ...quick, masterauth: own } } };
}

async function startSentinel(
  session: Session,
  { primary, password }: { readonly primary: number; readonly password: string },
): Promise<Sentinel> {
  const program = findRedis();
  if (program === undefined) throw new Error('there is no redis-server on this machine');
  const folder = session.temporaryFolder('sentinel');
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir "${folder}"`,
    `requirepass ${SENTINEL_PASSWORD}`,
    `sentinel sentinel-pass ${SENTINEL_PASSWORD}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primary} 2`,
    `sentinel auth-pass ${NAME} ${password}`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} ${FAILOVER_LIMIT_MS}`,
  ];
  // Sentinel writes what it learns into the same file.
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  const logFile = join(dataPath('logs'), 'sentinel.log');
  const start = () =>
    session.spawn('sentinel', program, [file, '--sentinel'], { logFile, cwd: folder });
  return { port, start, running: start() };
}

const onSentinel = (port: number, ...args: readonly string[]) =>
  commandOn({ port, password: SENTINEL_PASSWORD }, 'SENTINEL', ...args);
