// Goal: a Postgres that cannot do its work is distinguished from one that refuses a statement: 503
// with Retry-After and counted, or 500. Method: the running api on a database that only reads, and
// one whose trigger raises any SQLSTATE.
import pg from 'pg';
import { eventually } from '../../../../test/support/eventually.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';

let rig: ApiRig;
let merchant: TestMerchant;
let operator: pg.Client;

beforeAll(async () => {
  rig = await ApiRig.start();
  const url = new URL(rig.database.url);
  url.pathname = '/postgres';
  operator = new pg.Client({ connectionString: url.href });
  await operator.connect();
  merchant = await rig.addMerchant();
  await rig.pool.query(`
    CREATE TABLE refusal (state text);
    GRANT SELECT ON refusal TO PUBLIC;
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE wanted text := (SELECT state FROM refusal);
    BEGIN
      IF wanted IS NOT NULL THEN RAISE EXCEPTION 'refused' USING ERRCODE = wanted; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON payment_intents FOR EACH ROW EXECUTE FUNCTION refuse()`);
});
afterAll(async () => {
  await operator.end();
  await rig.stop();
});
beforeEach(() => rig.ask('GET', '/v1/payment-intents', { key: merchant.key }));

/** Applies to every new connection. Ends the api's open ones, unless `keep` is set. */
async function onlyReads(isOn: boolean, options: { readonly keep: boolean } = { keep: false }) {
  const { name } = rig.database;
  await operator.query(
    `ALTER DATABASE ${name} ${isOn ? 'SET default_transaction_read_only = on' : 'RESET default_transaction_read_only'}`,
  );
  if (options.keep) return;
  await operator.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = $1 AND application_name = 'quittance-api'`,
    [name],
  );
}

async function unavailable(): Promise<number> {
  const text = String((await rig.ask('GET', '/metrics')).body['text']);
  return Number(
    /^quittance_intake_total\{outcome="unavailable",door="http"\} (\d+)/m.exec(text)?.[1] ?? 0,
  );
}

describe('a Postgres that only reads', () => {
  afterEach(async () => {
    await onlyReads(false);
    await eventually(async () => expect((await rig.ask('GET', '/readyz')).status).toBe(200));
  });

  it('gives a counted 503 with Retry-After for a new payment, and is not ready', async () => {
    await onlyReads(true);
    await eventually(async () => {
      const answer = await rig.create(merchant);
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    });
    const before = await unavailable();
    expect((await rig.create(merchant)).status).toBe(503);
    expect(await unavailable()).toBe(before + 1);
    expect(await rig.ask('GET', '/readyz')).toMatchObject({
      status: 503,
      body: {
        checks: { postgres: { status: 'down', reason: expect.stringContaining('it only reads') } },
      },
    });
  });

  it('costs one request when new connections can write, because the old ones are closed together', async () => {
    await onlyReads(true);
    await eventually(async () => expect((await rig.create(merchant)).status).toBe(503));
    // Several connections, all read-only.
    await Promise.all(
      Array.from({ length: 8 }, () => rig.ask('GET', '/v1/events', { key: merchant.key })),
    );
    await onlyReads(false, { keep: true });
    const answers: number[] = [];
    for (let at = 0; at < 4; at += 1)
      answers.push((await rig.create(merchant, { reference: `ORD-${at}` })).status);
    expect(answers.filter((status) => status === 503).length).toBeLessThanOrEqual(1);
    expect(answers.slice(1)).toEqual([202, 202, 202]);
  });
});

describe('an error of Postgres for a new payment', () => {
  afterEach(() => rig.pool.query('TRUNCATE refusal'));

  it.each<[string, string, number]>([
    ['08006', 'connection failure', 503],
    ['25006', 'read-only transaction', 503],
    ['40001', 'serialization failure', 503],
    ['40P01', 'deadlock', 503],
    ['53000', 'insufficient resources', 503],
    ['53100', 'disk full', 503],
    ['53200', 'out of memory', 503],
    ['53300', 'too many connections', 503],
    ['55P03', 'lock not available', 503],
    ['57014', 'query cancelled', 503],
    ['57P01', 'shutdown', 503],
    ['57P02', 'crash', 503],
    ['57P03', 'cannot connect now', 503],
    ['58030', 'input/output error', 503],
    ['22003', 'a number out of range', 500],
    ['23514', 'a check', 500],
    ['42501', 'a missing privilege', 500],
    ['P0001', 'our own exception', 500],
    ['XX000', 'an internal error', 500],
  ])('%s, %s: %s', async (state, _, status) => {
    const before = await unavailable();
    await rig.pool.query('INSERT INTO refusal VALUES ($1)', [state]);
    const answer = await rig.create(merchant);
    expect(answer.status).toBe(status);
    expect(answer.headers.has('retry-after')).toBe(status === 503);
    expect(JSON.stringify(answer.body)).not.toContain(state);
    expect((await unavailable()) - before).toBe(status === 503 ? 1 : 0);
  });

  it('shows in readiness when its disk is full, though a query still succeeds', async () => {
    await rig.pool.query(`INSERT INTO refusal VALUES ('53100')`);
    expect((await rig.create(merchant)).status).toBe(503);
    expect(await rig.ask('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { checks: { postgres: { reason: 'its disk is full (53100)' } } },
    });
  });
});
