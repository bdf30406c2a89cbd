// Goal: no caller can have more responses held than the limit, and a caller over the limit loses
// nothing. Method: the running api with a low limit.
import { eventually } from '../../../../test/support/eventually.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { PaymentLongPoll } from './long-poll.js';

let rig: ApiRig;
const hangUp = new AbortController();
const pending: Promise<unknown>[] = [];

beforeAll(async () => {
  rig = await ApiRig.start({ env: { HELD_ANSWERS_MAX: '3', HELD_ANSWERS_PER_KEY_MAX: '2' } });
});
afterAll(async () => {
  hangUp.abort();
  await Promise.all(pending);
  await rig.stop();
});

const held = () => rig.app.get(PaymentLongPoll, { strict: false }).held;

/** Has a response held until the end of the test. */
async function hold(merchant: TestMerchant): Promise<void> {
  const before = held();
  const { body } = await rig.create(merchant, { reference: `HELD-${before}` });
  const path = `/v1/payment-intents/${String(body['id'])}?version=1`;
  const { key } = merchant;
  const { signal } = hangUp;
  const waiting = rig.ask('GET', path, { key, headers: { prefer: 'wait=30' }, signal });
  pending.push(waiting.catch(() => undefined));
  await eventually(() => expect(held()).toBe(before + 1));
}

it('a key over its limit gets its response at once: the payment is accepted, the read answered', async () => {
  const merchant = await rig.addMerchant();
  await hold(merchant);
  await hold(merchant);
  const created = await rig.create(merchant, { reference: 'NEW' }, { prefer: 'wait=30' });
  expect(created).toMatchObject({ status: 202, body: { status: 'queued' } });
  expect(created.headers.get('preference-applied')).toBeNull();
  const path = `/v1/payment-intents/${String(created.body['id'])}?version=1`;
  const read = await rig.ask('GET', path, { key: merchant.key, headers: { prefer: 'wait=30' } });
  expect(read.status).toBe(200);
  expect(read.headers.get('preference-applied')).toBeNull();
  expect(held()).toBe(2);

  const other = await rig.addMerchant();
  await hold(other);
  const crowded = await rig.create(await rig.addMerchant(), {}, { prefer: 'wait=30' });
  expect(crowded.status).toBe(202);
  const { text } = (await rig.ask('GET', '/metrics')).body;
  expect(String(text)).toMatch(/^quittance_answers_held 3$/m);
  expect(String(text)).toMatch(/^quittance_answers_not_held_total 3$/m);
});
