// Goal: while Postgres or Redis is away and when the process stops, a batch loses nothing that it
// promised, ends its response properly, and can be continued. Method: the running api over wires
// that the test cuts.
import { eventually } from '../../../../test/support/eventually.js';
import { aRequest } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { BatchCaller } from '../../test/batch-client.js';

let rig: ApiRig;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

const caller = (headers: Readonly<Record<string, string>> = {}) =>
  new BatchCaller(rig.url, merchant.key, headers);
const lines = (count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => aRequest({ reference: `O-${from + at}` }));
const payments = () =>
  rig.count('SELECT count(*) FROM payment_intents WHERE merchant_id = $1', [merchant.id]);
const isReady = () =>
  eventually(async () => expect((await rig.ask('GET', '/readyz')).status).toBe(200));
const settledOf = async (id: string) =>
  Number((await rig.ask('GET', `/v1/batches/${id}`, { key: merchant.key })).body['settled']);

it('a batch whose Postgres goes away gets 503 lines, ends, and continues where it stood', async () => {
  const id = { 'batch-id': 'cut' };
  const batch = caller(id).send(...lines(20));
  await eventually(() => expect(batch.answer.outcomes.length).toBe(20));
  await rig.toPostgres.cut();
  batch.send(...lines(1_500, 21));
  await batch.ended;
  const { outcomes, isWhole } = batch.answer;
  expect(isWhole).toBe(true);
  const failed = outcomes.slice(20);
  expect(new Set(failed.map(({ status }) => status))).toEqual(new Set([503]));
  expect(failed.at(-1)).not.toHaveProperty('line');
  expect(failed.length).toBeLessThan(1_500);
  await rig.toPostgres.mend();
  await isReady();
  const settled = await settledOf('cut');
  expect(settled).toBe(20);
  const first = settled + 1;
  const again = caller({ ...id, 'first-line': String(first) }).send(
    ...lines(1_520 - settled, first),
  );
  const whole = await again.whole();
  // A commit whose confirmation was lost comes back as a repeat.
  for (const { status } of whole.outcomes) expect([200, 202]).toContain(status);
  expect(await payments()).toBe(1_520);
  expect(await settledOf('cut')).toBe(1_520);
});

it('a batch whose Postgres falls silent ends within its deadlines, with nothing half done', async () => {
  const batch = caller().send(...lines(1));
  await eventually(() => expect(batch.answer.outcomes.length).toBe(1));
  rig.toPostgres.silence({ new: 'silent' });
  batch.send(...lines(300, 2));
  await batch.ended;
  rig.toPostgres.speak();
  const { outcomes, isWhole } = batch.answer;
  expect(isWhole).toBe(true);
  const failed = outcomes.slice(1);
  expect(new Set(failed.map(({ status }) => status))).toEqual(new Set([503]));
  await isReady();
  const whole = await caller()
    .send(...lines(301))
    .whole();
  expect(new Set(whole.outcomes.map(({ status }) => status))).toEqual(new Set([200, 202]));
  expect(await payments()).toBe(301);
});

it('a batch goes on while Redis is away', async () => {
  const batch = caller().send(...lines(5));
  await eventually(() => expect(batch.answer.outcomes.length).toBe(5));
  await rig.toRedis.cut();
  const whole = await batch.send(...lines(300, 6)).whole();
  await rig.toRedis.mend();
  expect(whole.isWhole).toBe(true);
  expect(new Set(whole.outcomes.map(({ status }) => status))).toEqual(new Set([202]));
  expect(await payments()).toBe(305);
});

it('a line that Postgres refuses fails alone', async () => {
  await rig.pool.query(`
    CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF NEW.reference = 'O-7' THEN RAISE EXCEPTION 'poison' USING ERRCODE = '22000'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER poison BEFORE INSERT ON payment_intents FOR EACH ROW EXECUTE FUNCTION refuse_poison()`);
  const { outcomes } = await caller({ 'batch-id': 'poison' })
    .send(...lines(20))
    .whole();
  await rig.pool.query('DROP TRIGGER poison ON payment_intents');
  const statuses = lines(20).map((_, at) => (at === 6 ? 500 : 202));
  expect(outcomes.map(({ status }) => status)).toEqual(statuses);
  expect(outcomes[6]?.problem).toMatchObject({ code: 'internal_error' });
  const { body } = await rig.ask('GET', '/v1/batches/poison', { key: merchant.key });
  expect(body).toMatchObject({ settled: 20, accepted: 19, refused: 1 });
});

it('a process that stops ends its batches first', async () => {
  const stopping = await ApiRig.start();
  const { key } = await stopping.addMerchant();
  const batch = new BatchCaller(stopping.url, key).send(...lines(3));
  await eventually(() => expect(batch.answer.outcomes.length).toBe(3));
  const stopped = stopping.stop();
  await batch.ended;
  await stopped;
  expect(batch.answer.isWhole).toBe(true);
  expect(batch.answer.outcomes.at(-1)).toMatchObject({ status: 503 });
  expect(batch.answer.outcomes).toHaveLength(4);
});
