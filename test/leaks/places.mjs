// Everything a stack keeps or shows, as bytes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onDatabase } from '../../tools/database/databases.mjs';
import { dataPath } from '../../tools/place.mjs';

/** Every file below a folder; one that vanishes meanwhile had nothing to stay for. */
function filesBelow(folder, name) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      try {
        return [{ name: `${name} ${path.slice(folder.length + 1)}`, bytes: readFileSync(path) }];
      } catch (error) {
        if (error.code === 'ENOENT') return [];
        throw error;
      }
    });
}

/** Heap files, indexes and the write-ahead log; and every row as text, because a large value is compressed in its file. */
async function postgresPlaces({ databaseUrl, ordersDatabaseUrl }) {
  const folder = await onDatabase(databaseUrl, async (client) => {
    await client.query('CHECKPOINT');
    return (await client.query('SHOW data_directory')).rows[0].data_directory;
  });
  const rows = [];
  for (const url of [databaseUrl, ordersDatabaseUrl]) rows.push(...(await onDatabase(url, dumped)));
  return [...filesBelow(folder, 'Postgres file'), ...rows];
}

async function dumped(client) {
  const { rows: tables } = await client.query(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  const places = [];
  for (const { name } of tables) {
    const { rows } = await client.query(`SELECT row_to_json(t)::text AS row FROM ${name} t`);
    // As text, and as bytes where a column holds bytes that hold text.
    const text = rows.map(({ row }) => row).join('\n');
    const unhexed = (text.match(/\\\\x[\da-f]+/g) ?? []).map((hex) =>
      Buffer.from(hex.slice(3), 'hex'),
    );
    places.push({ name: `table ${name}`, bytes: Buffer.concat([Buffer.from(text), ...unhexed]) });
  }
  return places;
}

/** The snapshot and the append-only file, with every job and event in them, done or not. */
async function redisPlaces(redis) {
  await redis.command('SAVE');
  return filesBelow(redis.folder, 'Redis file');
}

/** @param {Record<string, string>} urls */
async function pagesOf(urls, opsKey) {
  const ops = ['/ops/queues', '/ops/queues/api/queues?activeQueue=&status=latest&page=1'];
  const pages = [
    ...Object.values(urls).flatMap((url) => ['/metrics', '/readyz'].map((path) => url + path)),
    ...ops.map((path) => urls.api + path),
    `${urls.orders}/orders`,
  ];
  const headers = { authorization: `Bearer ${opsKey}` };
  return Promise.all(
    pages.map(async (url) => {
      const response = await fetch(url, { headers });
      return { name: `page ${url}`, bytes: Buffer.from(await response.arrayBuffer()) };
    }),
  );
}

/**
 * @param {import('../chaos/stack/chaos-stack.mjs').ChaosStack} stack
 * @param {{ opsKey: string }} options
 * @returns {Promise<import('./search.mjs').Place[]>}
 */
export async function placesOf(stack, { opsKey }) {
  const { setup, servers, urls } = stack;
  return [
    ...(await pagesOf(urls, opsKey)),
    ...(await redisPlaces(servers.redis)),
    ...(await postgresPlaces(setup)),
    ...filesBelow(setup.logFolder, 'log'),
    ...filesBelow(dataPath('logs'), 'log').filter(({ name }) => name.includes('leaks-')),
  ];
}
