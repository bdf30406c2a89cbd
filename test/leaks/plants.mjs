// Leaks made on purpose, one of each kind, to see that the scan looks where it says. Each hides a text somewhere, spelled somehow.
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onDatabase } from '@quittance/databases';
import { QUEUE } from './dead-jobs.mjs';
import { workingFolder } from './places.mjs';

const spelled = (text, how) => Buffer.from(text).toString(how);
const APPS = ['api', 'worker', 'webhook', 'orders'];

/** BullMQ's key of a queue or of a job. */
async function queueKey(redis, part) {
  const [key] = await redis.command('KEYS', `*:${QUEUE}:${part}`);
  return key;
}

async function inTable(url, text, name) {
  await onDatabase(url, (client) =>
    client.query(`CREATE TABLE ${name} AS SELECT $1::bytea AS held, $2::text AS told`, [
      Buffer.from(text),
      spelled(`number ${text}`, 'hex'),
    ]),
  );
}

/**
 * @param {import('../chaos/stack/chaos-stack.ts').ChaosStack} stack
 * @param {{ id: string }} deadJob
 * @returns {readonly { where: string, in: RegExp, hide: (text: string) => unknown }[]} `in` is the name of a place
 */
export function plantsFor(stack, deadJob) {
  const { servers, setup } = stack;
  const { redis } = servers;
  const inLog = (app) => ({
    where: `the log of ${app}`,
    in: new RegExp(`^log ${app}\\.log`),
    hide: (text) => appendFileSync(join(setup.logFolder, `${app}.log`), `{"msg":"${text}"}\n`),
  });
  const inJob = (field, how, place) => ({
    where: `the ${field} of a dead job, ${place.source}`,
    in: place,
    hide: async (text) => {
      const value = JSON.stringify([spelled(`Error: ${text}`, how)]);
      await redis.command('HSET', await queueKey(redis, deadJob.id), field, value);
    },
  });
  return [
    ...APPS.map(inLog),
    {
      where: 'a value in Redis',
      in: /^Redis file dump\.rdb/,
      hide: (text) => redis.command('SET', 'planted', spelled(`number ${text}`, 'base64')),
    },
    {
      where: 'a value that Redis has forgotten',
      in: /^Redis file appendonlydir/,
      hide: async (text) => {
        await redis.command('SET', 'planted-briefly', Array.from(text).toReversed().join(''));
        await redis.command('DEL', 'planted-briefly');
      },
    },
    {
      where: 'an event of a queue',
      in: /^Redis file dump\.rdb/,
      hide: async (text) =>
        redis.command('XADD', await queueKey(redis, 'events'), '*', 'data', text),
    },
    inJob('stacktrace', 'latin1', /^page of api: \/ops\/queues\/api\/queues\/submission-default\//),
    inJob('failedReason', 'base64', /^Redis file dump\.rdb/),
    {
      where: 'a row, in its file and in the log of statements',
      in: /^Postgres file base/,
      hide: (text) => inTable(setup.databaseUrl, text, 'planted'),
    },
    {
      where: 'a row, in the write-ahead log',
      in: /^Postgres file pg_wal/,
      hide: (text) => inTable(setup.databaseUrl, text, 'planted_too'),
    },
    {
      where: 'a row as a dump has it',
      in: /^table planted_dump of payments/,
      hide: (text) => inTable(setup.databaseUrl, text, 'planted_dump'),
    },
    {
      where: 'a row of the order domain',
      in: /^table planted of orders/,
      hide: (text) => inTable(setup.ordersDatabaseUrl, text, 'planted'),
    },
    {
      where: 'the log of Postgres, which was told to log every value',
      in: /^log leaks-postgres\.log/,
      hide: (text) => stack.query('SELECT $1::text', [encodeURIComponent(`{"number":"${text}"}`)]),
    },
    {
      where: 'a core file',
      in: /^core file core\.planted/,
      hide: (text) => writeFileSync(coreFile(stack), Buffer.from(text, 'utf16le')),
    },
  ];
}

const coreFile = (stack) =>
  join(workingFolder(stack, 'worker'), `core.planted-${stack.process('worker').pid}`);

/** Takes away what would stay after the stack. */
export function removePlants(stack) {
  rmSync(coreFile(stack), { force: true });
}
