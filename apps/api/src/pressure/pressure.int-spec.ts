// Goal: under pressure requests are shed in the stated order, only those that the reason concerns,
// and admission recovers by itself. Method: the running api without a worker, so that payments stay
// queued, and slow statements on all of its connections to Postgres.
import { Pool, type PoolClient } from 'pg';
import { eventually } from '../../../../test/support/eventually.js';
import { aRequest } from '../../test/a-request.js';
import { ApiRig, type Answer, type TestMerchant } from '../../test/api-rig.js';

const SOON = { limitMs: 30_000, everyMs: 100 };
/** A backlog of level 1, and of level 2. */
const AGES = { first: 500, second: 1_000 };
const AGE_MAX_SECONDS = 900;
const IN_FLIGHT = 3;

let rig: ApiRig;
let merchant: TestMerchant;
let held: PoolClient[] = [];

beforeAll(async () => {
  rig = await ApiRig.start({
    env: {
      BACKLOG_AGE_MAX_MS: String(1_000 * AGE_MAX_SECONDS),
      POSTGRES_WAIT_MAX_MS: '200',
      KEY_REQUESTS_IN_FLIGHT: String(IN_FLIGHT),
    },
  });
});
beforeEach(async () => {
  merchant = await rig.addMerchant();
});
afterEach(() => release());
afterAll(() => rig.stop());

/**
 * Occupies the api's pool with four slow statements for each connection, so that each request waits
 * three statements long for its turn. Resolves with the function that ends the load.
 */
async function slowStatements(): Promise<() => Promise<void>> {
  const pool = rig.app.get(Pool, { strict: false });
  let isOn = true;
  const run = async () => {
    while (isOn) await pool.query('SELECT pg_sleep(0.15)');
  };
  const runs = Array.from({ length: 4 * pool.options.max }, run);
  return async () => {
    isOn = false;
    await Promise.all(runs);
  };
}

/** Takes every connection of the api's pool. */
async function takeConnections(): Promise<void> {
  const pool = rig.app.get(Pool, { strict: false });
  const all = Array.from({ length: pool.options.max }, () => pool.connect());
  held = await Promise.all(all);
}

function release(): void {
  for (const client of held.splice(0)) client.release();
}

let references = 0;
const aReference = () => `ORD-${(references += 1)}`;
const create = (who = merchant) => rig.create(who, { reference: aReference() });
const get = (path: string, headers = {}) => rig.ask('GET', path, { key: merchant.key, headers });

/** Sends a batch of one payment, whose response is a problem document or lines of outcomes. */
async function batch() {
  const body = `${JSON.stringify(aRequest({ reference: aReference() }))}\n`;
  const response = await fetch(`${rig.url}/v1/payment-intents/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${merchant.key}`, 'content-type': 'application/x-ndjson' },
    body,
  });
  const [first = ''] = (await response.text()).split('\n');
  return { status: response.status, headers: response.headers, body: JSON.parse(first) };
}

async function counted(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const metric = await rig.metrics.registry.getSingleMetric(`quittance_${name}`)?.get();
  const isMeant = (of: object) =>
    Object.entries(labels).every(([label, value]) => Reflect.get(of, label) === value);
  return metric?.values.find((series) => isMeant(series.labels))?.value ?? 0;
}

const level = (reason: string) => counted('pressure_level', { reason });

function expectShed(answer: Answer): void {
  expect(answer).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(2);
}

describe('while Postgres is short of connections', () => {
  it('sheds lists, events, batches and new payments, and recovers', async () => {
    const { body } = await create();
    const end = await slowStatements();
    await eventually(async () => expectShed(await create()), SOON);
    for (const path of ['/v1/payment-intents', '/v1/events', '/v1/refunds'])
      expectShed(await get(path));
    expectShed(await batch());
    expect(await counted('requests_shed_total', { kind: 'list', reason: 'postgres' })).toBe(2);
    expect(await level('postgres')).toBe(2);
    const path = `/v1/payment-intents/${String(body['id'])}`;
    expect((await get(path)).status).toBe(200);
    expect((await rig.ask('POST', `${path}/cancel`, { key: merchant.key })).status).toBe(200);
    await end();
    await eventually(async () => expect((await create()).status).toBe(202), SOON);
    await eventually(async () => expect((await get('/v1/events')).status).toBe(200), SOON);
  });
});

/** Accepts a payment, and sets back the time of that. */
async function accepted(who: TestMerchant, secondsAgo: number): Promise<Answer> {
  const answer = await create(who);
  expect(answer.status).toBe(202);
  const client = await rig.pool.connect();
  await client.query(`SET session_replication_role = replica`);
  await client.query(
    `UPDATE payment_intents SET created_at = created_at - make_interval(secs => $2),
       submit_before = submit_before - make_interval(secs => $2) WHERE id = $1`,
    [answer.body['id'], secondsAgo],
  );
  client.release(true);
  return answer;
}

describe('while the payments of a terminal wait too long', () => {
  beforeEach(() =>
    rig.pool.query(
      `UPDATE terminals SET paused_at = now(), paused_reason = 'test'
    WHERE id <> $1`,
      [merchant.terminalId],
    ),
  );

  it('sheds its new payments, no repeat, no read and no other terminal, and recovers', async () => {
    const other = await rig.addMerchant();
    const { body } = await accepted(merchant, AGES.second);
    await eventually(async () => expectShed(await create()), SOON);
    const reference = String(body['reference']);
    const repeat = await rig.create(merchant, { reference });
    expect(repeat).toMatchObject({ status: 200, body: { id: body['id'] } });
    expect((await get('/v1/payment-intents')).status).toBe(200);
    expect((await get('/v1/events')).status).toBe(200);
    expect((await create(other)).status).toBe(202);
    const shed = { kind: 'payment', reason: 'backlog' };
    expect(await counted('requests_shed_total', shed)).toBeGreaterThan(0);
    const path = `/v1/payment-intents/${String(body['id'])}/cancel`;
    expect((await rig.ask('POST', path, { key: merchant.key })).status).toBe(200);
    await eventually(async () => expect((await create()).status).toBe(202), SOON);
  });

  it('sheds lines of batches before single payments', async () => {
    await accepted(merchant, AGES.first);
    await eventually(async () => expect(await level('backlog')).toBe(1), SOON);
    expect((await create()).status).toBe(202);
    const { body } = await batch();
    expect(body).toMatchObject({ line: 1, status: 503 });
    expect(JSON.stringify(body)).toContain('overloaded');
    expect(await counted('requests_shed_total', { kind: 'batch', reason: 'backlog' })).toBe(1);
  });

  it('does not count the payments of a paused terminal', async () => {
    const other = await rig.addMerchant();
    await rig.pool.query(
      `UPDATE terminals SET paused_at = now(), paused_reason = 'test' WHERE id = $1`,
      [merchant.terminalId],
    );
    await accepted(merchant, AGES.second);
    await accepted(other, AGES.second);
    await eventually(async () => expectShed(await create(other)), SOON);
    expect((await create()).status).toBe(202);
  });
});

describe('the requests of a key in progress', () => {
  it('are limited, for each key alone', async () => {
    const { body } = await create();
    const path = `/v1/payment-intents/${String(body['id'])}`;
    const other = await rig.addMerchant();
    await create(other);
    await takeConnections();
    const waiting = Array.from({ length: IN_FLIGHT }, () => get(path));
    // Another one could otherwise arrive before the last of them, and be one of the three itself.
    const pool = rig.app.get(Pool, { strict: false });
    await eventually(() => expect(pool.waitingCount).toBeGreaterThanOrEqual(IN_FLIGHT));
    await eventually(async () => {
      const answer = await get(path);
      expect(answer).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
      expect(answer.headers.get('retry-after')).toBe('1');
    });
    expect(await counted('requests_limited_total', { by: 'in_flight' })).toBeGreaterThan(0);
    const ofOther = rig.ask('GET', path, { key: other.key });
    release();
    expect((await ofOther).status).toBe(404);
    expect((await Promise.all(waiting)).map(({ status }) => status)).not.toContain(429);
    await eventually(async () => expect((await get(path)).status).toBe(200));
  });

  it('do not count while their responses are held', async () => {
    const { body } = await create();
    const path = `/v1/payment-intents/${String(body['id'])}`;
    const abort = new AbortController();
    const waits = Array.from({ length: 2 * IN_FLIGHT }, (_, at) =>
      eventually(() => counted('answers_held', {}).then((count) => expect(count).toBe(at))).then(
        () =>
          rig
            .ask('GET', path, {
              key: merchant.key,
              headers: { prefer: 'wait=30' },
              signal: abort.signal,
            })
            .catch(() => undefined),
      ),
    );
    await eventually(async () => expect(await counted('answers_held', {})).toBe(2 * IN_FLIGHT));
    expect((await get(path)).status).toBe(200);
    abort.abort();
    await Promise.all(waits);
    await eventually(async () => expect(await counted('answers_held', {})).toBe(0));
  });
});
