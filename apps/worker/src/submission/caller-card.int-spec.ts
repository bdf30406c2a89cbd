// Goal: a card that its caller encrypted is sent like any other, and one that cannot be sent ends
// its payment before a request is sent. Method: jose encrypts as a caller would; the use case runs
// over a real Postgres and a gateway that counts requests.
import type { Payment } from '@quittance/payments';
import { Payments } from '@quittance/persistence';
import { sealCardJwe } from '@quittance/vault';
import { CompactEncrypt } from 'jose';
import { aPayment } from '../../../../test/support/payments.js';
import { json } from '../../../../test/support/scripted-gateway.js';
import { CARD, decrypted, transaction, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const OBJECT = { number: CARD.number, cvv: CARD.cvv, exp_month: '01', exp_year: '30' };

/** Accepts a payment with `card_jwe`; `as` is the payment id that the encryption is bound to. */
async function accept(object: unknown, as?: string): Promise<Payment> {
  const now = new Date();
  const times = { createdAt: now, updatedAt: now, submitBefore: new Date(Date.now() + 600_000) };
  const payment = aPayment({ ...times, card: null });
  const [key] = rig.keys.cards;
  if (!key) throw new Error('no cards key');
  const jwe = await new CompactEncrypt(Buffer.from(JSON.stringify(object)))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid })
    .encrypt(key.publicKey);
  const context = { paymentId: as ?? payment.id, keys: rig.keys };
  const sealedCard = await sealCardJwe(jwe, context);
  await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard });
  return payment;
}

it('sends a valid card and erases it', async () => {
  const payment = await accept(OBJECT);
  rig.gateway.script = () => json(200, transaction(payment, '25'));
  await rig.submission().submit(payment.id);
  expect(decrypted(rig.gateway.requests[0]!)).toMatchObject({
    ccno: CARD.number,
    ccvv: CARD.cvv,
    month: '01',
    year: '30',
  });
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded', sealedCard: null });
});

it('stores it again after a request that never left, and sends it in the next attempt', async () => {
  const payment = await accept(OBJECT);
  await rig.gateway.close();
  await rig.submission().submit(payment.id);
  await rig.gateway.open();
  rig.gateway.script = () => json(200, transaction(payment, '25'));
  await rig.submission().submit(payment.id);
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded', attempt: 2 });
});

it.each([
  ['has expired', { ...OBJECT, exp_year: '20' }, 'test'],
  ['fails Luhn on a live terminal', { ...OBJECT, number: '4012000033330027' }, 'live'],
  ['lacks its CVV', { ...OBJECT, cvv: undefined }, 'test'],
  ['is not an object', 'card', 'test'],
])('fails with its own code, unsent, when the card %s', async (_, object, mode) => {
  await rig.pool.query('UPDATE terminals SET mode = $1', [mode]);
  const payment = await accept(object);
  await rig.submission().submit(payment.id);
  await rig.submission().submit(payment.id);
  expect(await rig.load(payment)).toMatchObject({
    status: 'failed',
    failure: { code: 'card_invalid' },
    sealedCard: null,
    attempt: 0,
  });
  expect(rig.gateway.requests).toEqual([]);
  expect(await rig.rows('SELECT status, note FROM payment_events ORDER BY sequence')).toEqual([
    { status: 'queued', note: null },
    { status: 'failed', note: 'card_invalid' },
  ]);
});

it('fails with its own code, unsent, when the card cannot be decrypted', async () => {
  const payment = await accept(OBJECT);
  const [key] = rig.keys.cards;
  const jwe = await new CompactEncrypt(Buffer.from('x'))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: String(key?.kid) })
    .encrypt(key!.publicKey);
  const [header, , iv, text, tag] = jwe.split('.');
  const tampered = [header, '', iv, text === 'AA' ? 'AQ' : 'AA', tag].join('.');
  const sealed = await sealCardJwe(tampered, { paymentId: payment.id, keys: rig.keys });
  await rig.pool.query('UPDATE payment_intents SET sealed_card = $1', [sealed]);
  await rig.submission().submit(payment.id);
  expect(await rig.load(payment)).toMatchObject({
    status: 'failed',
    failure: { code: 'card_unreadable' },
    sealedCard: null,
  });
  expect(rig.gateway.requests).toEqual([]);
});

it('does not send a card that was moved to another payment’s row', async () => {
  const payment = await accept(OBJECT, 'pi_other');
  await expect(rig.submission().submit(payment.id)).rejects.toThrow('cannot be opened');
  expect(rig.gateway.requests).toEqual([]);
  expect(await rig.load(payment)).toMatchObject({ status: 'queued', attempt: 0 });
});
