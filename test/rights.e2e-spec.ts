// Goal: the rights of each process's role in Postgres and user in Redis are enough for its work,
// and for nothing else. Method: five processes connected as in docker-compose.yml, a payment with
// its refund, then statements and commands that must fail.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { digestOfKey } from '@quittance/api-keys';
import { newId } from '@quittance/platform';
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { PaymentsApi, Sandbox } from './support/clients.js';
import { grantBoth } from '@quittance/databases';
import { paymentRequest, SCENARIOS } from './demo/scenarios.js';
import { documentedPublish } from './support/documented-snippet.js';
import { eventually } from './support/eventually.js';
import { asRole } from './support/postgres.js';
import { type AppName, startTestStack, type TestStack } from './support/processes.js';
import { type PrivateRedis, startPrivateRedis } from './support/redis.js';

const START_LIMIT_MS = 240_000;
const PROCESSES = ['api', 'worker', 'webhook', 'operator', 'orders'];
const PASSWORD = 'the-same-for-all-users-of-this-test';

/** The users of docker-compose.yml, where YAML folds a long text over several lines. */
function usersInCompose(): string[] {
  const texts = readFileSync('docker-compose.yml', 'utf8').match(/^ +- '--user [^']*'$/gm) ?? [];
  return texts.map((text) =>
    text
      .replace(/^ +- '([^']*)'$/, '$1')
      .replaceAll(/\s*\n\s*/g, ' ')
      .replaceAll(/\$\{\w+:\?[^}]*\}/g, PASSWORD),
  );
}

let redis: PrivateRedis;
let running: TestStack;
const redisUrlOf = (user: string) => redis.url.replace('//', `//${user}:${PASSWORD}@`);

beforeAll(async () => {
  redis = await startPrivateRedis(usersInCompose(), redisHealth);
  running = await startTestStack({
    redisUrl: redisUrlOf('worker'),
    extra: { QUEUE_PREFIX: 'quittance' },
    programOf: (name: AppName, { databaseUrl, ordersDatabaseUrl }) => ({
      env: {
        DATABASE_URL: asRole(databaseUrl, name),
        ORDERS_DATABASE_URL: asRole(ordersDatabaseUrl, name),
        REDIS_URL: redisUrlOf(name),
      },
    }),
  });
}, START_LIMIT_MS);
afterAll(async () => {
  await running?.stop();
  await redis?.stop();
});

it('permits a payment, its callback, its events and its refund', async () => {
  const { urls } = running.stack;
  const api = new PaymentsApi(urls.api, running.merchant.apiKey);
  const { returnUrl } = new Sandbox(urls.sandbox);
  const [scenario] = SCENARIOS.filter(({ name }) => name === 'approved-by-acquirer');
  const request = paymentRequest(scenario!, { reference: 'RIGHTS-1', returnUrl });
  const { payment } = await api.create(request);
  await api.until(payment.id, ({ status }) => status === 'succeeded', 'succeeded');
  const refund = await fetch(`${urls.api}/v1/payment-intents/${payment.id}/refunds`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${running.merchant.apiKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ reference: 'RIGHTS-RF-1' }),
  });
  expect(refund.status).toBe(202);
  await api.until(payment.id, ({ status }) => status === 'refund_pending', 'refund_pending');
  await eventually(async () => {
    const order = await fetch(`${urls.orders}/orders/RIGHTS-1`);
    expect(await order.json()).toMatchObject({ payment_status: 'refund_pending' });
  });
  for (const name of ['api', 'worker', 'webhook', 'orders'] as const) {
    const log = readFileSync(running.stack.logFile(name), 'utf8');
    expect(log).not.toMatch(/permission denied|NOPERM/);
  }
});

it('permits a service to publish a payment, whose events reach the order domain', async () => {
  const { urls } = running.stack;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const keyId = newId('key');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const owner = new pg.Client({ connectionString: running.setup.databaseUrl });
  await owner.connect();
  await owner.query(
    `INSERT INTO api_keys (id, merchant_id, secret_sha256, scopes, created_at, signing_public_key)
     SELECT $1, merchant_id, $2, scopes, now(), $3 FROM api_keys WHERE secret_sha256 = $4`,
    [keyId, randomBytes(32), raw, digestOfKey(running.merchant.apiKey)],
  );
  await owner.end();
  const options = { connection: { url: redisUrlOf('publisher') }, prefix: 'quittance' };
  const queue = new Queue('payment-intents', options);
  const events = new QueueEvents('payment-intents', options);
  const { returnUrl } = new Sandbox(urls.sandbox);
  const [scenario] = SCENARIOS.filter(({ name }) => name === 'approved-by-acquirer');
  const request = paymentRequest(scenario!, { reference: 'PUBLISHED-1', returnUrl });
  const { card, ...payment } = request;
  const publish = await documentedPublish();
  const by = { card: card as object, api: urls.api, keyId, privateKey };
  const job = await publish(queue, payment, by);
  expect(await job.waitUntilFinished(events)).toMatchObject({
    payment_intent: { reference: 'PUBLISHED-1' },
    idempotent_replayed: false,
  });
  await eventually(async () => {
    const order = await fetch(`${urls.orders}/orders/PUBLISHED-1`);
    expect(await order.json()).toMatchObject({ payment_status: 'succeeded' });
  });
  await Promise.all([queue.close(), events.close()]);
});

it('permits the operator’s CLI to examine the installation', async () => {
  const env = {
    ...process.env,
    DATABASE_URL: asRole(running.setup.databaseUrl, 'operator'),
    REDIS_URL: redisUrlOf('operator'),
    QUEUE_PREFIX: 'quittance',
  };
  const args = ['dist/apps/operator/src/main.js', 'doctor', '--json'];
  // It exits with 1, because the Postgres of the tests may lose commits.
  const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch(
    (error: { readonly stdout: string }) => error,
  );
  const found = stdout.trim().split('\n');
  const faults = found
    .map((line) => JSON.parse(line) as { check: string; grade: string; finding: string })
    .filter(({ grade }) => grade === 'bad' || grade === 'unknown');
  expect(faults).toMatchObject([{ check: 'Postgres durability' }]);
  expect(found.length).toBeGreaterThan(15);
});

it.each<[string, string]>([
  ['api', 'SELECT sealed_private_key FROM terminals'],
  ['api', `UPDATE terminals SET base_url = 'https://evil.example'`],
  ['api', `UPDATE api_keys SET scopes = '{payments:write}'`],
  ['api', 'DELETE FROM payment_events'],
  ['api', `UPDATE payment_events SET status = 'succeeded'`],
  ['api', 'INSERT INTO operators DEFAULT VALUES'],
  ['api', 'UPDATE operators SET revoked_at = NULL'],
  ['api', `UPDATE operator_proposals SET proposed_by = 'another'`],
  ['worker', 'SELECT * FROM operators'],
  ['worker', 'SELECT * FROM operator_sessions'],
  ['webhook', 'SELECT * FROM operators'],
  ['webhook', 'SELECT * FROM operator_sessions'],
  ['worker', 'SELECT * FROM api_keys'],
  ['worker', `UPDATE terminals SET base_url = 'https://evil.example'`],
  ['worker', 'DELETE FROM payment_intents'],
  ['worker', 'DELETE FROM submission_attempts'],
  ['worker', 'UPDATE ended_events SET endings = 1'],
  ['webhook', 'DELETE FROM payment_events'],
  ['webhook', 'UPDATE callbacks SET fields = NULL'],
  ['webhook', 'SELECT * FROM api_keys'],
  ['webhook', 'INSERT INTO refunds DEFAULT VALUES'],
  ['webhook', 'DELETE FROM outbox'],
  ['operator', 'UPDATE operator_actions SET why = NULL'],
  ['operator', 'UPDATE audit_head SET number = 0'],
  ['operator', 'DELETE FROM payment_events'],
  ...['api', 'worker', 'webhook', 'operator'].flatMap((name): [string, string][] => [
    [name, 'CREATE TABLE mine (x integer)'],
    [name, 'ALTER TABLE payment_intents DISABLE TRIGGER ALL'],
    [name, 'SET session_replication_role = replica'],
    [name, 'TRUNCATE outbox'],
  ]),
])('denies %s: %s', async (name, sql) => {
  await expect(statementAs(asRole(running.setup.databaseUrl, name), sql)).rejects.toMatchObject({
    code: '42501',
  });
});

it('denies the order domain the payments’ database, and all others the order domain’s', async () => {
  const { databaseUrl, ordersDatabaseUrl } = running.setup;
  // A cloned database has the rights of its tables, and none on itself.
  await grantBoth({ databaseUrl, ordersDatabaseUrl }, {});
  for (const url of [
    asRole(databaseUrl, 'orders'),
    ...['api', 'worker', 'webhook', 'operator'].map((name) => asRole(ordersDatabaseUrl, name)),
  ])
    await expect(statementAs(url, 'SELECT 1')).rejects.toMatchObject({ code: '42501' });
  for (const sql of ['CREATE TABLE mine (x integer)', 'DELETE FROM orders'])
    await expect(statementAs(asRole(ordersDatabaseUrl, 'orders'), sql)).rejects.toMatchObject({
      code: '42501',
    });
});

it.each<[string, string[]]>([
  ['orders', ['KEYS', '*']],
  ['orders', ['HGETALL', 'quittance:submission-default:1']],
  ['orders', ['LPUSH', 'quittance:submission-default:wait', '1']],
  ['orders', ['HGETALL', 'quittance:events-another:1']],
  ['orders', ['LRANGE', 'quittance-callbacks-kept', '0', '-1']],
  ['orders', ['PUBLISH', 'quittance-changed', 'x']],
  ['api', ['LRANGE', 'quittance-callbacks-kept', '0', '-1']],
  ['worker', ['LRANGE', 'quittance-callbacks-kept', '0', '-1']],
  ['webhook', ['LPUSH', 'quittance:submission-default:wait', '1']],
  ['webhook', ['PUBLISH', 'quittance-changed', 'x']],
  ['publisher', ['HGETALL', 'quittance:submission-default:1']],
  ['publisher', ['LPUSH', 'quittance:submission-default:wait', '1']],
  ['publisher', ['LPUSH', 'quittance:events-orders:wait', '1']],
  ['publisher', ['PUBLISH', 'quittance-changed', 'x']],
  ['publisher', ['KEYS', '*']],
  ...[...PROCESSES, 'publisher'].flatMap((name): [string, string[]][] => [
    [name, ['FLUSHALL']],
    [name, ['CONFIG', 'GET', '*']],
    [name, ['ACL', 'LIST']],
    [name, ['SET', 'elsewhere', '1']],
  ]),
  ['health', ['GET', 'quittance:x']],
])('denies %s in Redis: %j', async (user, [command = '', ...args]) => {
  await expect(commandAs(user, command, args)).rejects.toThrow('NOPERM');
});

it('denies Redis to connections without a user', async () => {
  const nameless = new Redis(redis.url, { retryStrategy: () => null, lazyConnect: true });
  nameless.on('error', () => undefined);
  await expect(nameless.connect().then(() => nameless.get('x'))).rejects.toThrow();
  nameless.disconnect();
});

const redisHealth = (url: string) => url.replace('//', '//health:none@');

async function statementAs(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function commandAs(user: string, command: string, args: readonly string[]): Promise<unknown> {
  const client = new Redis(redisUrlOf(user), { enableReadyCheck: false });
  try {
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}
