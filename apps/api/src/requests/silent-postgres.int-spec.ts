// Goal: the api notices within seconds that a path to Postgres has fallen silent, and finds
// accepted payments again. Method: the running api over a wire that stays open and carries nothing
// any more; new connections work, as after a failover.
import { POSTGRES_DEADLINES } from '@quittance/postgres';
import { eventually } from '../../../../test/support/eventually.js';
import { ApiRig, type Answer, type TestMerchant } from '../../test/api-rig.js';

const REQUESTS = 30;
/** The waits for a turn, a connection and a result, each at its worst, and a slow machine. */
const ANSWERED_WITHIN_MS =
  5_000 + POSTGRES_DEADLINES.connectMs + POSTGRES_DEADLINES.answerMs + 2_000;

let rig: ApiRig;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
  await eventually(async () => expect((await pay()).status).toBe(202));
});
afterEach(() => rig.toPostgres.speak());

let references = 0;

function pay(): Promise<Answer> {
  references += 1;
  return rig.create(merchant, { reference: `ORD-${references}` });
}

/** Sends many payments at once, over several connections. */
async function traffic(): Promise<Answer[]> {
  return Promise.all(Array.from({ length: REQUESTS }, pay));
}

/** Opens as many connections as allowed, so that later requests open no new one. */
async function fillPool(): Promise<void> {
  const read = () => rig.ask('GET', '/v1/events', { key: merchant.key });
  await Promise.all(Array.from({ length: REQUESTS }, read));
}

function expectHonest(answers: readonly Answer[]): void {
  for (const { status, headers } of answers) {
    expect([202, 503]).toContain(status);
    if (status === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
}

it('answers every request within its deadline, and accepts payments again without intervention', async () => {
  await fillPool();
  rig.toPostgres.silence();
  const from = performance.now();
  expectHonest(await traffic());
  expect(performance.now() - from).toBeLessThan(ANSWERED_WITHIN_MS);
  expect((await pay()).status).toBe(202);
});

it('finds a payment whose commit was never confirmed, when the request is repeated', async () => {
  await fillPool();
  rig.toPostgres.loseAnswers();
  const changes = { reference: 'SILENT-1' };
  expect(await rig.create(merchant, changes)).toMatchObject({
    status: 503,
    body: { code: 'unavailable' },
  });
  const again = await eventually(async () => {
    const answer = await rig.create(merchant, changes);
    expect(answer.status).toBe(200);
    return answer;
  });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  const rows = `SELECT count(*) FROM payment_intents WHERE reference = 'SILENT-1'`;
  expect(await rig.count(rows)).toBe(1);
});

it('is not ready while its connections are silent, gives the reason, and closes them', async () => {
  await fillPool();
  rig.toPostgres.silence();
  expect(await rig.ask('GET', '/readyz')).toMatchObject({
    status: 503,
    body: { checks: { postgres: { status: 'down', reason: 'it does not answer' } } },
  });
  await eventually(async () => expect((await rig.ask('GET', '/readyz')).status).toBe(200));
  expect((await pay()).status).toBe(202);
});

it('answers 503 within the connect timeout while Postgres is entirely silent', async () => {
  rig.toPostgres.silence({ new: 'silent' });
  await traffic();
  const from = performance.now();
  const answers = await traffic();
  for (const { status } of answers) expect(status).toBe(503);
  expect(performance.now() - from).toBeLessThan(ANSWERED_WITHIN_MS);
  expect((await rig.ask('GET', '/livez')).status).toBe(200);
  expect((await rig.ask('GET', '/readyz')).body).toMatchObject({
    checks: { postgres: { status: 'down' } },
  });
  rig.toPostgres.speak();
  await eventually(async () => expect((await pay()).status).toBe(202));
});

it('reads with Prisma within the same deadlines', async () => {
  const { body } = await pay();
  await fillPool();
  const path = `/v1/payment-intents/${String(body['id'])}/timeline`;
  expect((await rig.ask('GET', path, { key: merchant.key })).status).toBe(200);
  rig.toPostgres.silence();
  expect((await rig.ask('GET', path, { key: merchant.key })).status).toBe(503);
  expect((await rig.ask('GET', path, { key: merchant.key })).status).toBe(200);
});
