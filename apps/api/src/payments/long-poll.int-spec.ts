// Goal: a response is held exactly as long as there is no news. Method: the running api over real
// Postgres and Redis; the test plays the worker.
import { type Answer, ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { eventually } from '../../../../test/support/eventually.js';
import { TestWorker } from '../../test/test-worker.js';
import { PaymentLongPoll } from './long-poll.js';

let rig: ApiRig;
let worker: TestWorker;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
  worker = await TestWorker.start(rig);
});
afterAll(async () => {
  await worker.stop();
  await rig.stop();
});
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

const idOf = ({ body }: Answer) => String(body['id']);
const read = (path: string, prefer: string) =>
  rig.ask('GET', `/v1/payment-intents/${path}`, { key: merchant.key, headers: { prefer } });

describe('waiting', () => {
  it('for a new payment ends as soon as the gateway has replied', async () => {
    const pending = rig.create(merchant, {}, { prefer: 'wait=30' });
    const id = await storedId();
    await worker.open(id);
    await worker.report(id);
    const answer = await pending;
    expect(answer).toMatchObject({ status: 200, body: { id, status: 'succeeded' } });
    expect(answer.headers.get('preference-applied')).toBe('wait');
  });

  it('also ends when the signal is lost with Redis', async () => {
    const pending = rig.create(merchant, {}, { prefer: 'wait=30' });
    const id = await storedId();
    await rig.toRedis.cut();
    await worker.open(id);
    await worker.report(id);
    expect(await pending).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    await rig.toRedis.mend();
  });

  it('that times out answers 202 with the current payment', async () => {
    const answer = await rig.create(merchant, {}, { prefer: 'wait=1' });
    expect(answer).toMatchObject({ status: 202, body: { status: 'queued' } });
    expect(answer.headers.get('preference-applied')).toBeNull();
  });

  it.each(['wait=0', 'wait=soon', 'respond-async'])('is not done for %s', async (prefer) =>
    expect((await rig.create(merchant, {}, { prefer })).status).toBe(202),
  );

  it('for longer than 30 seconds is held as well', async () => {
    const pending = rig.create(merchant, {}, { prefer: 'wait=99' });
    const id = await storedId();
    await worker.open(id);
    await worker.report(id);
    expect(await pending).toMatchObject({ status: 200, body: { status: 'succeeded' } });
  });

  it('for a version newer than the known one ends when it appears', async () => {
    const id = idOf(await rig.create(merchant));
    const known = await read(`${id}?version=0`, 'wait=30');
    expect(known.body['version']).toBe(1);
    const pending = read(`${id}?version=1`, 'wait=30');
    await worker.open(id);
    expect((await pending).body).toMatchObject({ version: 2, status: 'submitting' });
  });

  it('ends when the client disconnects', async () => {
    const hangUp = new AbortController();
    const { key } = merchant;
    const id = idOf(await rig.create(merchant));
    const path = `/v1/payment-intents/${id}?version=1`;
    const { signal: abandoned } = hangUp;
    const pending = rig.ask('GET', path, {
      key,
      headers: { prefer: 'wait=30' },
      signal: abandoned,
    });
    const waits = rig.app.get(PaymentLongPoll, { strict: false });
    await eventually(() => expect(waits.held).toBe(1));
    hangUp.abort();
    await expect(pending).rejects.toThrow('abort');
    await eventually(() => expect(waits.held).toBe(0));
  });

  async function storedId(): Promise<string> {
    for (;;) {
      const { rows } = await rig.pool.query<{ id: string }>(
        'SELECT id FROM payment_intents WHERE merchant_id = $1',
        [merchant.id],
      );
      if (rows[0]) return rows[0].id;
    }
  }
});
