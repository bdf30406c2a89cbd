// Everything a stack keeps or shows, as bytes.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { onDatabase } from '@quittance/databases';
import { dataPath } from '../../tools/place.mjs';
import { pagesOf } from './pages.mjs';

/** What a dying process may leave in its working folder: cores, heap snapshots and Node's reports. */
const REMAINS = /^(?:vg)?core(?:\.|$)|\.heapsnapshot$|^report\..*\.json$/;

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
  for (const [of, url] of Object.entries({ payments: databaseUrl, orders: ordersDatabaseUrl }))
    rows.push(...(await onDatabase(url, (client) => dumped(client, of))));
  return [...filesBelow(folder, 'Postgres file'), ...rows];
}

async function dumped(client, of) {
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
    places.push({
      name: `table ${name} of ${of}`,
      bytes: Buffer.concat([Buffer.from(text), ...unhexed]),
    });
  }
  return places;
}

/** The snapshot and the append-only file, with every job and event in them, done or not. */
async function redisPlaces(redis) {
  await redis.command('SAVE');
  return filesBelow(redis.folder, 'Redis file');
}

/** The working folder of an app's process. */
export const workingFolder = (stack, name) => readlinkSync(`/proc/${stack.process(name).pid}/cwd`);

/** What the processes that died left behind; none may be there, so none should be found. */
function remainsOf(stack) {
  const folders = new Set(Object.keys(stack.urls).map((name) => workingFolder(stack, name)));
  return [...folders].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => REMAINS.test(name))
      .map((name) => ({ name: `core file ${name}`, bytes: readFileSync(join(folder, name)) })),
  );
}

/**
 * @param {import('../chaos/stack/chaos-stack.ts').ChaosStack} stack
 * @returns {Promise<import('./search.mjs').Place[]>}
 */
export async function placesOf(stack) {
  const { setup, servers } = stack;
  return [
    ...(await pagesOf(stack)),
    ...(await redisPlaces(servers.redis)),
    ...(await postgresPlaces(setup)),
    ...filesBelow(setup.logFolder, 'log'),
    ...filesBelow(dataPath('logs'), 'log').filter(({ name }) => name.includes('leaks-')),
    ...remainsOf(stack),
  ];
}
