// Everything that a stack stores or shows, as bytes.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { onDatabase } from '@quittance/databases';
import { dataPath } from '../../tools/place.mjs';
import type { AppName, StackSetup } from '../../tools/stack/apps.js';
import type { ChaosStack } from '../chaos/stack/chaos-stack.js';
import type { ChaosRedis } from '../chaos/stack/servers.js';
import type { Artifact } from './search.js';

/**
 * Files that a dying process may leave in its working folder: cores, heap snapshots, Node's
 * reports.
 */
const CRASH_FILE = /^(?:vg)?core(?:\.|$)|\.heapsnapshot$|^report\..*\.json$/;
const BOARD = '/ops/queues';
/** An order about which the gateway has reported everything. */
const ORDER = '/orders/sealed-main';
const TABLES = `SELECT oid::regclass::text AS name FROM pg_class
  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`;

/** A page of the queue board, in part. */
interface BoardPage {
  readonly queues: readonly {
    readonly name: string;
    readonly statuses: readonly string[];
    readonly jobs: readonly { readonly id: string }[];
  }[];
}

/** Every file below a folder; one that vanishes meanwhile is left out. */
function filesBelow(folder: string, name: string): Artifact[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      try {
        return [{ name: `${name} ${path.slice(folder.length + 1)}`, bytes: readFileSync(path) }];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    });
}

/**
 * Heap files, indexes and the write-ahead log; and every row as text, because a large value is
 * compressed in its file.
 */
async function postgresArtifacts(setup: StackSetup): Promise<Artifact[]> {
  const folder = await onDatabase(setup.databaseUrl, async (client) => {
    await client.query('CHECKPOINT');
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory ?? '';
  });
  return [
    ...filesBelow(folder, 'Postgres file'),
    ...(await onDatabase(setup.databaseUrl, (client) => tablesOf(client, 'payments'))),
    ...(await onDatabase(setup.ordersDatabaseUrl, (client) => tablesOf(client, 'orders'))),
  ];
}

async function tablesOf(client: Client, database: string): Promise<Artifact[]> {
  const { rows: tables } = await client.query<{ name: string }>(TABLES);
  const artifacts: Artifact[] = [];
  for (const { name } of tables) {
    const sql = `SELECT row_to_json(t)::text AS row FROM ${name} t`;
    const { rows } = await client.query<{ row: string }>(sql);
    // As text, and as bytes where a column contains text as bytes.
    const text = rows.map(({ row }) => row).join('\n');
    const decoded = Array.from(text.match(/\\\\x[\da-f]+/g) ?? [], (hex) =>
      Buffer.from(hex.slice(3), 'hex'),
    );
    const bytes = Buffer.concat([Buffer.from(text), ...decoded]);
    artifacts.push({ name: `table ${name} of ${database}`, bytes });
  }
  return artifacts;
}

/** The snapshot and the append-only file, with every job and event in them, done or not. */
async function redisArtifacts(redis: ChaosRedis): Promise<Artifact[]> {
  await redis.command('SAVE');
  return filesBelow(redis.folder, 'Redis file');
}

/** The working folder of an app's process. */
export const workingFolder = (stack: ChaosStack, app: AppName): string =>
  readlinkSync(`/proc/${stack.process(app).pid}/cwd`);

/** Crash files, of which there must be none. */
function crashFiles(stack: ChaosStack): Artifact[] {
  const apps = Object.keys(stack.urls) as AppName[];
  const folders = new Set(apps.map((app) => workingFolder(stack, app)));
  return [...folders].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => CRASH_FILE.test(name))
      .map((name) => ({ name: `core file ${name}`, bytes: readFileSync(join(folder, name)) })),
  );
}

/** @throws {Error} when a page of ours does not respond with 2xx: it was not searched */
async function pageOf(url: string, app: string, path: string, headers = {}): Promise<Artifact> {
  const response = await fetch(url + path, { headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  // The sandbox plays the gateway, which has no metrics.
  if (!response.ok && app !== 'sandbox') throw new Error(`${app} ${path}: ${response.status}`);
  return { name: `page of ${app}: ${path}`, bytes };
}

/** The queue board: every queue in every state, and every failed job with its log. */
async function boardPages({ urls, opsKey }: ChaosStack): Promise<Artifact[]> {
  const headers = { authorization: `Bearer ${opsKey}` };
  const page = (path: string) => pageOf(urls.api, 'api', BOARD + path, headers);
  const queuesOf = ({ bytes }: Artifact) => (JSON.parse(bytes.toString()) as BoardPage).queues;
  const all = await page('/api/queues?activeQueue=&status=latest&page=1');
  const pages = [await page(''), all, await page('/api/redis/stats')];
  for (const { name, statuses } of queuesOf(all)) {
    for (const status of statuses) {
      const query = `activeQueue=${name}&status=${status}&page=1&jobsPerPage=1000`;
      const listed = await page(`/api/queues?${query}`);
      pages.push(listed);
      if (status !== 'failed') continue;
      const queue = queuesOf(listed).find((candidate) => candidate.name === name);
      for (const { id } of queue?.jobs ?? [])
        pages.push(
          await page(`/api/queues/${name}/${id}`),
          await page(`/api/queues/${name}/${id}/logs`),
        );
    }
  }
  return pages;
}

/** The pages for operators and callers: metrics, health, documents, the queue board, an order. */
async function pagesOf(stack: ChaosStack): Promise<Artifact[]> {
  const { urls } = stack;
  const ofEachApp = Object.entries(urls).flatMap(([app, url]) =>
    ['/metrics', '/readyz', '/livez'].map((path) => pageOf(url, app, path)),
  );
  return [
    ...(await Promise.all(ofEachApp)),
    await pageOf(urls.api, 'api', '/openapi.json'),
    await pageOf(urls.api, 'api', '/.well-known/jwks.json'),
    await pageOf(urls.orders, 'orders', ORDER),
    ...(await boardPages(stack)),
  ];
}

/** Pages, Redis's and Postgres's files, rows, logs and crash files. */
export async function artifactsOf(stack: ChaosStack): Promise<Artifact[]> {
  const { setup, servers } = stack;
  return [
    ...(await pagesOf(stack)),
    ...(await redisArtifacts(servers.redis)),
    ...(await postgresArtifacts(setup)),
    ...filesBelow(setup.logFolder, 'log'),
    ...filesBelow(dataPath('logs'), 'log').filter(({ name }) => name.includes('leaks-')),
    ...crashFiles(stack),
  ];
}
