// Leaks planted on purpose, one of each kind, to prove that the search covers each artifact.
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onDatabase } from '@quittance/databases';
import type { ChaosStack } from '../chaos/stack/chaos-stack.js';
import type { ChaosRedis } from '../chaos/stack/servers.js';
import { workingFolder } from './artifacts.js';
import { SUBMISSION_QUEUE } from './process-faults.js';

const APPS = ['api', 'worker', 'webhook', 'orders'];

/** A text that is hidden in one form; the search must find it in an artifact with this name. */
export interface PlantedLeak {
  readonly where: string;
  readonly artifact: RegExp;
  readonly plant: (text: string) => unknown;
}

const encoded = (text: string, encoding: BufferEncoding) => Buffer.from(text).toString(encoding);

/** BullMQ's key of a queue or of a job. */
async function queueKey(redis: ChaosRedis, part: string): Promise<string> {
  const keys = (await redis.command('KEYS', `*:${SUBMISSION_QUEUE}:${part}`)) as string[];
  return keys[0] ?? '';
}

async function plantTable(url: string, name: string, text: string): Promise<void> {
  const values = [Buffer.from(text), encoded(`number ${text}`, 'hex')];
  const sql = `CREATE TABLE ${name} AS SELECT $1::bytea AS bytes, $2::text AS hex`;
  await onDatabase(url, (client) => client.query(sql, values));
}

/** One leak of each kind; `failedJobId` is a job in the failed set. */
export function leaksToPlant(stack: ChaosStack, failedJobId: string): readonly PlantedLeak[] {
  const { servers, setup } = stack;
  const { redis } = servers;
  const inLog = (app: string): PlantedLeak => ({
    where: `the log of ${app}`,
    artifact: new RegExp(`^log ${app}\\.log`),
    plant: (text) => appendFileSync(join(setup.logFolder, `${app}.log`), `{"msg":"${text}"}\n`),
  });
  const inJob = (field: string, encoding: BufferEncoding, artifact: RegExp): PlantedLeak => ({
    where: `the ${field} of a failed job, ${artifact.source}`,
    artifact,
    plant: async (text) => {
      const value = JSON.stringify([encoded(`Error: ${text}`, encoding)]);
      await redis.command('HSET', await queueKey(redis, failedJobId), field, value);
    },
  });
  return [
    ...APPS.map(inLog),
    {
      where: 'a value in Redis',
      artifact: /^Redis file dump\.rdb/,
      plant: (text) => redis.command('SET', 'planted', encoded(`number ${text}`, 'base64')),
    },
    {
      where: 'a value that was deleted from Redis',
      artifact: /^Redis file appendonlydir/,
      plant: async (text) => {
        await redis.command('SET', 'planted-briefly', Array.from(text).toReversed().join(''));
        await redis.command('DEL', 'planted-briefly');
      },
    },
    {
      where: 'an event of a queue',
      artifact: /^Redis file dump\.rdb/,
      plant: async (text) =>
        redis.command('XADD', await queueKey(redis, 'events'), '*', 'data', text),
    },
    inJob('stacktrace', 'latin1', /^page of api: \/ops\/queues\/api\/queues\/submission-default\//),
    inJob('failedReason', 'base64', /^Redis file dump\.rdb/),
    {
      where: 'a row, in its file and in the log of statements',
      artifact: /^Postgres file base/,
      plant: (text) => plantTable(setup.databaseUrl, 'planted', text),
    },
    {
      where: 'a row, in the write-ahead log',
      artifact: /^Postgres file pg_wal/,
      plant: (text) => plantTable(setup.databaseUrl, 'planted_too', text),
    },
    {
      where: 'a row, in a dump',
      artifact: /^table planted_dump of payments/,
      plant: (text) => plantTable(setup.databaseUrl, 'planted_dump', text),
    },
    {
      where: 'a row of the order domain',
      artifact: /^table planted of orders/,
      plant: (text) => plantTable(setup.ordersDatabaseUrl, 'planted', text),
    },
    {
      where: 'the log of Postgres, which contains every value',
      artifact: /^log leaks-postgres\.log/,
      plant: (text) => stack.query('SELECT $1::text', [encodeURIComponent(`{"number":"${text}"}`)]),
    },
    {
      where: 'a core file',
      artifact: /^core file core\.planted/,
      plant: (text) => writeFileSync(coreFile(stack), Buffer.from(text, 'utf16le')),
    },
  ];
}

const coreFile = (stack: ChaosStack) =>
  join(workingFolder(stack, 'worker'), `core.planted-${stack.process('worker').pid}`);

/** Removes the planted file that would outlive the stack. */
export function removePlantedFiles(stack: ChaosStack): void {
  rmSync(coreFile(stack), { force: true });
}
