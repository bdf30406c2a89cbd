// Goal: refund requests over HTTP: accepted ones, rejected ones and their faults, and a limit on
// the amount that holds for any number of callers. Method: the running api over real Postgres and
// Redis; the test plays the worker.
import { type Answer, ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { aCard, type RequestBody } from '../../test/a-request.js';
import { TestWorker } from '../../test/test-worker.js';

let rig: ApiRig;
let worker: TestWorker;
let merchant: TestMerchant;
let paymentId: string;

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
  paymentId = await paid();
});

/** The number of the card that pays in these tests. */
const NUMBER = String(aCard()['number']);
const idOf = ({ body }: Answer) => String(body['id']);

async function paid(changes: RequestBody = {}): Promise<string> {
  const id = idOf(await rig.create(merchant, changes));
  await worker.open(id);
  await worker.report(id);
  return id;
}
const refund = (body: unknown, id = paymentId, headers: Readonly<Record<string, string>> = {}) =>
  rig.ask('POST', `/v1/payment-intents/${id}/refunds`, { key: merchant.key, body, headers });
const errorsOf = ({ body }: Answer) =>
  ((body['errors'] ?? []) as { path: string; code: string }[]).map(
    ({ path, code }) => `${path} ${code}`,
  );

describe('a refund request', () => {
  it('answers 202 with the refund once it is stored', async () => {
    const answer = await refund({ reference: 'RF-1', amount: '5.00', reason: 'Damaged' });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      id: expect.stringMatching(/^re_[0-9a-z]{26}$/),
      object: 'refund',
      payment_intent: paymentId,
      reference: 'RF-1',
      amount: '5.00',
      currency: 'EUR',
      reason: 'Damaged',
      status: 'pending',
      failure: null,
    });
    const read = await rig.ask('GET', `/v1/refunds/${idOf(answer)}`, { key: merchant.key });
    expect(read).toMatchObject({ status: 200, body: answer.body });
  });

  it('refunds the remainder if no amount is named', async () => {
    expect((await refund({ reference: 'RF-1' })).body).toMatchObject({ amount: '11.11' });
  });

  it('leaves the refunded amount at zero until the refund succeeds', async () => {
    await refund({ reference: 'RF-1' });
    const { body } = await rig.ask('GET', `/v1/payment-intents/${paymentId}`, {
      key: merchant.key,
    });
    expect(body).toMatchObject({ refunded_amount: '0.00', status: 'succeeded' });
  });

  it('shows in the payment’s timeline', async () => {
    const id = idOf(await refund({ reference: 'RF-1' }));
    const { body } = await rig.ask('GET', `/v1/payment-intents/${paymentId}/timeline`, {
      key: merchant.key,
    });
    expect(body['refunds']).toMatchObject([
      { refund: id, data: [{ sequence: 1, from: null, to: 'queued', cause: 'request' }] },
    ]);
  });

  it('waits for the gateway as long as requested', async () => {
    const answer = await refund({ reference: 'RF-1' }, paymentId, { prefer: 'wait=1' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('preference-applied')).toBeNull();
  });

  it('ends the wait when the gateway has replied', async () => {
    const held = refund({ reference: 'RF-1' }, paymentId, { prefer: 'wait=30' });
    await worker.acceptRefundOf(paymentId);
    const answer = await held;
    expect(answer).toMatchObject({ status: 200, body: { status: 'pending', version: 3 } });
    expect(answer.headers.get('preference-applied')).toBe('wait');
  });
});

describe('the same reference again', () => {
  it.each<[string, RequestBody, RequestBody]>([
    ['the same', { amount: '5.00', reason: 'x' }, { amount: '5.00', reason: 'x' }],
    ['the amount in another spelling', { amount: '5.00' }, { amount: '5' }],
    ['an explicit full amount', {}, { amount: '11.11' }],
    ['an implicit full amount', { amount: '11.11' }, {}],
  ])('answers 200 with the refund for %s', async (_what, first, second) => {
    const made = await refund({ reference: 'RF-1', ...first });
    const again = await refund({ reference: 'RF-1', ...second });
    expect(again).toMatchObject({ status: 200, body: made.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('answers 409 and names the differences', async () => {
    await refund({ reference: 'RF-1', amount: '5.00', reason: 'x' });
    const other = await refund({ reference: 'RF-1', amount: '6.00', reason: 'y' });
    expect(other).toMatchObject({ status: 409, body: { code: 'reference_conflict' } });
    expect(errorsOf(other)).toEqual(['amount differs', 'reason differs']);
    const elsewhere = await refund({ reference: 'RF-1' }, await paid({ reference: 'OTHER' }));
    expect(errorsOf(elsewhere)).toEqual([
      'payment_intent differs',
      'amount differs',
      'reason differs',
    ]);
  });

  it('of another merchant is another refund', async () => {
    await refund({ reference: 'RF-1' });
    merchant = await rig.addMerchant();
    expect((await refund({ reference: 'RF-1' }, await paid())).status).toBe(202);
  });

  it('makes one refund of thirty repeats at once', async () => {
    const repeats = Array.from({ length: 30 }, () => refund({ reference: 'RF-1' }));
    const answers = await Promise.all(repeats);
    expect(new Set(answers.map(idOf)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(29);
  });
});

describe('a rejected refund', () => {
  it.each<[string, RequestBody, string]>([
    ['no reference', { reference: undefined }, 'reference required'],
    ['a reference with a space', { reference: 'a b' }, 'reference invalid_format'],
    ['no decimal', { amount: 'five' }, 'amount invalid_format'],
    ['a number', { amount: 5 }, 'amount wrong_type'],
    ['too many decimals', { amount: '5.001' }, 'amount too_many_decimals'],
    ['nothing', { amount: '0.00' }, 'amount not_positive'],
    ['more than was paid', { amount: '11.12' }, 'amount exceeds_payment'],
    ['a reason of two lines', { reason: 'a\nb' }, 'reason control_character'],
    ['an unknown field', { currency: 'EUR' }, '… unknown_field'],
    ['the card’s number as reference', { reference: `R-${NUMBER}` }, 'reference card_number'],
    [
      'the card’s number in the reason',
      { reason: `of ${NUMBER.replaceAll(/(\d{4})/g, '$1 ')}` },
      'reason card_number',
    ],
    [
      'another card’s number in the reason',
      { reason: 'of 4111-1111-1111-1111' },
      'reason card_number',
    ],
  ])('has the fault and its path: %s', async (_what, changes, fault) => {
    const answer = await refund({ reference: 'RF-1', ...changes });
    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    expect(errorsOf(answer)).toEqual([fault]);
  });

  it('is one of a payment that has not succeeded', async () => {
    const queued = idOf(await rig.create(merchant, { reference: 'QUEUED' }));
    const answer = await refund({ reference: 'RF-1' }, queued);
    expect(answer).toMatchObject({ status: 409, body: { code: 'state_conflict' } });
    expect(answer.body['detail']).toContain('queued');
  });

  it('is one of a payment whose transaction the gateway also reported for another', async () => {
    const other = idOf(await rig.create(merchant, { reference: 'CLAIMS-IT' }));
    await rig.pool.query(
      `INSERT INTO transaction_claims SELECT $1, gateway, trans_id, now() FROM payment_intents WHERE id = $2`,
      [other, paymentId],
    );
    const answer = await refund({ reference: 'RF-1' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'state_conflict' } });
    expect(answer.body['detail']).toContain('another payment');
  });

  it('is one of a payment that already has a refund, until that has failed', async () => {
    await refund({ reference: 'RF-1', amount: '5.00' });
    const second = await refund({ reference: 'RF-2', amount: '1.00' });
    expect(second).toMatchObject({ status: 409, body: { code: 'refund_exists' } });
    await worker.failRefundOf(paymentId);
    expect((await refund({ reference: 'RF-3' })).status).toBe(202);
  });

  it('is one of another merchant’s payment', async () => {
    const made = idOf(await refund({ reference: 'RF-1' }));
    merchant = await rig.addMerchant();
    expect((await refund({ reference: 'RF-1' })).status).toBe(404);
    for (const id of [made, 're_none', 're_00000000000000000000000000']) {
      const read = await rig.ask('GET', `/v1/refunds/${id}`, { key: merchant.key });
      expect(read.status).toBe(404);
    }
  });

  it('is one without the scope of refunds', async () => {
    const key = await rig.addKey(merchant.id, ['payments:read', 'payments:write']);
    const path = `/v1/payment-intents/${paymentId}/refunds`;
    const answer = await rig.ask('POST', path, { key, body: { reference: 'RF-1' } });
    expect(answer.status).toBe(403);
  });
});

it('are all but one of fifty simultaneous full refunds', async () => {
  const asked = Array.from({ length: 50 }, (_, at) => refund({ reference: `RF-${at}` }));
  const answers = await Promise.all(asked);
  const refused = answers.filter(({ body }) => body['code'] === 'refund_exists');
  expect([answers.filter(({ status }) => status === 202).length, refused.length]).toEqual([1, 49]);
});

describe('the list of refunds', () => {
  const list = async (path: string, key = merchant.key) => {
    const { status, body } = await rig.ask('GET', path, { key });
    expect([status, body]).toEqual([200, expect.anything()]);
    const refunds = body['data'] as RequestBody[];
    return { ids: refunds.map(({ id }) => id), refunds, next: body['next'] };
  };

  it('is newest first, and continues from its cursor', async () => {
    const made: string[] = [];
    for (const reference of ['A', 'B', 'C'])
      made.push(idOf(await refund({ reference: `RF-${reference}` }, await paid({ reference }))));
    const first = await list('/v1/refunds?limit=2');
    expect(first.ids).toEqual([made[2], made[1]]);
    const second = await list(`/v1/refunds?limit=2&after=${String(first.next)}`);
    expect(second).toMatchObject({ ids: [made[0]], next: null });
  });

  it('finds a refund by its reference, as it is read by its id', async () => {
    const { body } = await refund({ reference: 'RF-1' });
    await refund({ reference: 'RF-2' }, await paid({ reference: 'OTHER' }));
    expect((await list('/v1/refunds?reference=RF-1')).refunds).toEqual([body]);
    expect((await list('/v1/refunds?reference=RF-3')).ids).toEqual([]);
    const stranger = await rig.addMerchant();
    expect((await list('/v1/refunds?reference=RF-1', stranger.key)).ids).toEqual([]);
  });

  it('of a payment has every refund of it, failed ones too', async () => {
    const failed = idOf(await refund({ reference: 'RF-1' }));
    await worker.failRefundOf(paymentId);
    const second = idOf(await refund({ reference: 'RF-2' }));
    await refund({ reference: 'RF-3' }, await paid({ reference: 'OTHER' }));
    for (const path of [
      `/v1/payment-intents/${paymentId}/refunds`,
      `/v1/refunds?payment_intent=${paymentId}`,
    ]) {
      expect((await list(path)).ids).toEqual([second, failed]);
      const byStatus = `${path}${path.includes('?') ? '&' : '?'}status=failed`;
      expect((await list(byStatus)).ids).toEqual([failed]);
    }
  });

  it('is bounded by instants', async () => {
    const { body } = await refund({ reference: 'RF-1' });
    const at = String(body['created_at']);
    expect((await list(`/v1/refunds?created_after=${at}`)).ids).toEqual([]);
    expect((await list(`/v1/refunds?created_before=${at}`)).ids).toEqual([]);
    const before = new Date(Date.parse(at) - 1).toISOString();
    const after = new Date(Date.parse(at) + 1).toISOString();
    const query = `created_after=${before}&created_before=${after}`;
    expect((await list(`/v1/refunds?${query}`)).ids).toEqual([body['id']]);
  });

  it.each([
    ['payment_intent=x', 'payment_intent invalid_format'],
    ['reference=a b', 'reference invalid_format'],
    [`reference=${NUMBER}`, 'reference card_number'],
    ['status=queued', 'status not_allowed'],
    ['created_after=soon', 'created_after invalid_format'],
    ['created_before=soon', 'created_before invalid_format'],
    ['limit=0', 'limit invalid_format'],
    ['after=re_x', 'after invalid_format'],
    ['of=x', '… unknown_field'],
  ])('rejects %s', async (query, expected) => {
    const answer = await rig.ask('GET', `/v1/refunds?${query}`, { key: merchant.key });
    expect([answer.status, errorsOf(answer)]).toEqual([422, [expected]]);
  });
});

describe('waiting for a refund', () => {
  const read = (path: string) =>
    rig.ask('GET', `/v1/refunds/${path}`, { key: merchant.key, headers: { prefer: 'wait=30' } });

  it('ends when it has moved on from the known version', async () => {
    const id = idOf(await refund({ reference: 'RF-1' }));
    expect((await read(`${id}?version=0`)).body).toMatchObject({ version: 1 });
    const pending = read(`${id}?version=2`);
    await worker.acceptRefundOf(paymentId);
    const answer = await pending;
    expect(answer).toMatchObject({ status: 200, body: { status: 'pending', version: 3 } });
    expect(answer.headers.get('preference-applied')).toBe('wait');
  });

  it('rejects a version that is no number', async () => {
    const id = idOf(await refund({ reference: 'RF-1' }));
    expect(errorsOf(await read(`${id}?version=x`))).toEqual(['version invalid_format']);
  });
});
