// Goal: a callback of the gateway is stored once and orders an inquiry; other callbacks have no
// effect. Method: HTTP posts to the real app on a real Postgres and Redis.
import type { Payment } from '@quittance/payments';
import { encryptAes256 } from '@quittance/gateway-protocol';
import {
  envelope,
  fields,
  FORM_TYPE,
  JSON_TYPE,
  KEYS,
  TRANS_ID,
} from '../../test/callback-bodies.js';
import { eventually } from '../../../../test/support/eventually.js';
import { WebhookRig } from '../../test/webhook-rig.js';

let rig: WebhookRig;
beforeAll(async () => {
  rig = await WebhookRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const ACCEPTED = { status: 200, body: '{"received":true}', retryAfter: null };
const send = (payment: Payment, body: string, contentType?: string) =>
  rig.post(rig.addressOf(payment), body, contentType);
const plain = (payment: Payment, orderStatus: string, changes?: object) =>
  JSON.stringify(fields(payment, orderStatus, changes));
const form = (values: object) =>
  new URLSearchParams(
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
  ).toString();
const rawQuery = (values: object) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join('&');
const verdicts = async () =>
  await rig.rows('SELECT verdict, reason, encrypted FROM callbacks ORDER BY received_at');
const AWAITING_INQUIRY = { verdict: 'awaiting_inquiry', reason: 'to_be_confirmed' };
/** Resolves with the payment without the times of its inquiries. */
const recordOf = async (payment: Payment) => {
  const loaded = await rig.load(payment);
  const { asks: _asks, nextStepAt: _, hintedAt: _at, updatedAt: _when, ...record } = loaded;
  return record;
};

it('the app has one body parser for every content type', () =>
  expect(rig.bodyParsers()).toEqual(['*']));

describe('an encrypted callback', () => {
  const asForm = (text: string) =>
    form({ ...KEYS, private_key: KEYS.privateKey, data: encryptAes256(text, KEYS) });
  it.each<[string, string, (payment: Payment) => string]>([
    ['JSON in JSON', JSON_TYPE, (payment) => envelope(plain(payment, '25'))],
    ['a query string in JSON', JSON_TYPE, (payment) => envelope(rawQuery(fields(payment, '25')))],
    ['JSON in a form', FORM_TYPE, (payment) => asForm(plain(payment, '25'))],
    ['a query string in a form', FORM_TYPE, (payment) => asForm(rawQuery(fields(payment, '25')))],
    [
      'JSON with a charset',
      'application/json;charset=UTF-8',
      (payment) => envelope(plain(payment, '25')),
    ],
    ['JSON without a content type', '', (payment) => envelope(plain(payment, '25'))],
    ['JSON with half a content type', 'json', (payment) => envelope(plain(payment, '25'))],
    ['JSON with an invalid one', '/;,"', (payment) => envelope(plain(payment, '25'))],
    ['a form with half of one', 'x-www-form-urlencoded', (payment) => asForm(plain(payment, '25'))],
  ])('is read, and makes an inquiry due: %s', async (_, contentType, body) => {
    const payment = await rig.accept();
    const before = await recordOf(payment);
    expect(await send(payment, body(payment), contentType)).toEqual(ACCEPTED);
    expect(await recordOf(payment)).toEqual(before);
    expect(await rig.isInquiryDue(payment)).toBe(true);
    expect(await verdicts()).toEqual([{ ...AWAITING_INQUIRY, encrypted: true }]);
  });

  it('changes neither the transID nor the due sweep while the reply is outstanding', async () => {
    const payment = await rig.accept({ status: 'submitting', transId: null });
    const before = await recordOf(payment);
    await send(payment, envelope(plain(payment, '25')));
    expect(await recordOf(payment)).toEqual(before);
    const { nextStepAt, hintedAt } = await rig.load(payment);
    expect(nextStepAt).toEqual(payment.nextStepAt);
    expect(hintedAt).not.toBeNull();
  });

  it('is one row, however often it arrives', async () => {
    const payment = await rig.accept();
    const body = envelope(plain(payment, '25'));
    const responses = await Promise.all(Array.from({ length: 8 }, () => send(payment, body)));
    responses.push(await send(payment, body));
    for (const response of responses) expect(response).toEqual(ACCEPTED);
    expect(await verdicts()).toEqual([{ ...AWAITING_INQUIRY, encrypted: true }]);
    expect(await rig.rows('SELECT sequence FROM payment_events')).toHaveLength(1);
  });

  it('leaves no trace of the private key in Postgres, Redis or the log', async () => {
    const payment = await rig.accept();
    await send(payment, envelope(plain(payment, '25')));
    await send(payment, envelope(plain(payment, '2')).replace('"data":"', '"data":"AAAA'));
    const stored = JSON.stringify(
      await rig.rows(
        'SELECT c.*, p.* FROM callbacks c JOIN payment_intents p ON p.id = payment_id',
      ),
    );
    for (const text of [stored, await rig.redisContent(), rig.logged.join('')]) {
      expect(text).not.toContain(KEYS.privateKey);
    }
    expect(stored).toContain(payment.reference);
  });
});

describe('a plain callback', () => {
  it.each([
    ['JSON', JSON_TYPE, JSON.stringify],
    ['a form', FORM_TYPE, form],
  ])(
    'is read, and makes an inquiry due, for either kind of terminal: %s',
    async (_, type, write) => {
      for (const encryption of ['aes256', 'none']) {
        await rig.reset();
        await rig.pool.query('UPDATE terminals SET callback_encryption = $1', [encryption]);
        const payment = await rig.accept();
        const before = await recordOf(payment);
        expect(await send(payment, write(fields(payment, '2')), type)).toEqual(ACCEPTED);
        expect(await recordOf(payment)).toEqual(before);
        expect(await rig.isInquiryDue(payment)).toBe(true);
        expect(await verdicts()).toEqual([{ ...AWAITING_INQUIRY, encrypted: false }]);
      }
    },
  );

  it('orders its inquiry at once, and leaves those within the pause to their due time', async () => {
    const payment = await rig.accept({ status: 'succeeded' });
    const other = await rig.accept({ status: 'succeeded' });
    await send(payment, plain(payment, '5'));
    await send(payment, plain(payment, '5', { response: 'again' }));
    await send(other, plain(other, '5'));
    // A second order would have left before that of the other payment.
    await eventually(async () => expect(await rig.inquiriesOrdered(other)).toBe(1));
    expect(await rig.inquiriesOrdered(payment)).toBe(1);
  });

  it('makes one inquiry due per five seconds, however many arrive', async () => {
    const payment = await rig.accept({ status: 'succeeded' });
    await send(payment, plain(payment, '5'));
    const first = await rig.load(payment);
    // Simulates an inquiry that was made, with the next one due in an hour.
    await rig.pool.query(`UPDATE payment_intents SET next_step_at = now() + interval '1 hour'`);
    for (let count = 0; count < 20; count += 1) {
      await send(payment, plain(payment, '5', { response: `forged ${count}` }));
    }
    const { nextStepAt, asks } = await rig.load(payment);
    expect(asks).toBe(21);
    expect((nextStepAt?.getTime() ?? 0) - (first.hintedAt?.getTime() ?? 0)).toBe(5_000);
    expect(await verdicts()).toHaveLength(21);
  });
});

it.each(['rrn', 'upa', 'tdate', 'reference', 'transID', 'connector_status_code'])(
  'stores no %s that could be a card number',
  async (name) => {
    const payment = await rig.accept();
    await send(payment, plain(payment, '2', { [name]: '4012000033330026' }));
    const [row] = await rig.rows('SELECT fields FROM callbacks');
    expect(row).toMatchObject({ fields: { bill_amt: '11.11' } });
    expect(JSON.stringify(row)).not.toContain('4012000033330026');
  },
);

describe('a callback that does not match its payment', () => {
  it.each([
    ['another amount', { bill_amt: '11.12' }, 'amount_mismatch'],
    ['another currency', { bill_currency: 'USD' }, 'currency_mismatch'],
    ['another reference', { reference: 'OTHER' }, 'other_reference'],
    ['another transaction', { transID: '1' }, 'other_transaction'],
    ['no amount at all', { bill_amt: '' }, 'incomplete_report'],
  ])('is parked and makes an inquiry due: %s', async (_, changes, reason) => {
    const payment = await rig.accept();
    expect(await send(payment, envelope(plain(payment, '1', changes)))).toEqual(ACCEPTED);
    expect(await verdicts()).toEqual([{ verdict: 'parked', reason, encrypted: true }]);
    expect(await rig.load(payment)).toMatchObject({
      status: 'requiresAction',
      version: 1,
      transId: TRANS_ID,
    });
    expect(await rig.isInquiryDue(payment)).toBe(true);
  });

  it('raises an alert in metrics and log', async () => {
    const alerts = async () =>
      Number(
        /payment_alerts_total\{kind="report_mismatch"\} (\d+)/.exec(await rig.metrics())?.[1] ?? 0,
      );
    const before = await alerts();
    const payment = await rig.accept();
    await send(payment, envelope(plain(payment, '1', { bill_amt: '11.12' })));
    expect(await alerts()).toBe(before + 1);
    const lines = rig.logged.filter((line) => line.includes(payment.id));
    expect(lines.join('')).toContain('"alert":"report_mismatch"');
  });

  it.each([
    ['1.111E1', 'awaiting_inquiry'],
    ['11.110', 'awaiting_inquiry'],
    ['1111', 'parked'],
  ])('is compared by the amount’s value, not its spelling: %s is %s', async (amount, verdict) => {
    const payment = await rig.accept();
    await send(payment, plain(payment, '2', { bill_amt: amount }));
    expect(await verdicts()).toMatchObject([{ verdict }]);
  });

  it('neither ends a queued payment nor changes its due time', async () => {
    const payment = await rig.accept({ status: 'queued', transId: null, attempt: 0 });
    await send(payment, envelope(plain(payment, '25')));
    expect(await rig.load(payment)).toMatchObject({
      status: 'queued',
      nextStepAt: payment.nextStepAt,
    });
    expect(await verdicts()).toMatchObject([{ verdict: 'parked', reason: 'not_at_gateway' }]);
  });
});

describe('a caller without the token', () => {
  it('gets the usual response, and nothing is stored', async () => {
    const [payment, other] = [await rig.accept(), await rig.accept()];
    const [, token] = rig.addressOf(payment).split('.');
    const unknown = { ...payment, id: 'pi_00000000000000000000000000' };
    const addresses = [
      `${payment.id}.${'A'.repeat(43)}`,
      `${payment.id}.short`,
      `${other.id}.${token}`,
      rig.addressOf(unknown),
      payment.id,
      'nonsense',
    ];
    for (const address of addresses) {
      expect(await rig.post(address, envelope(plain(payment, '25')))).toEqual(ACCEPTED);
    }
    expect(await verdicts()).toEqual([]);
    expect(await rig.load(payment)).toEqual(payment);
  });

  it.each([
    ['bad padding', () => envelope('x').replace(/"data":"..../, '"data":"AAAA')],
    ['bad base64', () => envelope('x').replace('"data":"', '"data":"*')],
    ['bad JSON', () => '{"transID":'],
    ['no transaction', () => '{}'],
    ['an empty body', () => ''],
  ])('and one with only the token gets the usual response, and is parked: %s', async (_, body) => {
    const payment = await rig.accept();
    expect(await send(payment, body())).toEqual(ACCEPTED);
    expect(await verdicts()).toEqual([
      { verdict: 'parked', reason: 'unreadable', encrypted: false },
    ]);
    expect(await rig.load(payment)).toMatchObject({ status: 'requiresAction', version: 1 });
  });

  it('gets 413 for a body beyond 64 KiB', async () => {
    const payment = await rig.accept();
    expect((await send(payment, 'x'.repeat(64 * 1024 + 1))).status).toBe(413);
    expect((await send(payment, 'x'.repeat(64 * 1024))).status).toBe(200);
  });
});
