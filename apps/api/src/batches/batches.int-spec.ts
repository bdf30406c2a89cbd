// Goal: a batch is as many single requests, in order, whatever its lines, its caller and the
// servers do. Method: the running api over real Postgres and Redis; callers that send and read at
// their own pace.
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../../../test/support/eventually.js';
import { aRequest, type RequestBody } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { BatchCaller, type BatchAnswer, type Outcome } from '../../test/batch-client.js';

/** Shorter than the batches below, which it must not end. */
const REQUEST_TIMEOUT_MS = 1_000;
const IDLE_MS = 1_500;

let rig: ApiRig;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start({
    env: { BATCH_IDLE_MS: String(IDLE_MS), BATCHES_PER_KEY_MAX: '2', BATCH_LINES_MAX: '1000' },
    httpLimits: {
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      headersTimeoutMs: 1_000,
      timeoutCheckMs: 100,
    },
  });
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

const caller = (headers: Readonly<Record<string, string>> = {}, key = merchant.key) =>
  new BatchCaller(rig.url, key, headers);
const line = (reference: string, changes: RequestBody = {}) => aRequest({ reference, ...changes });
const lines = (count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => line(`L-${from + at}`));
const statusesOf = ({ outcomes }: BatchAnswer) => outcomes.map(({ status }) => status);
const numbersOf = ({ outcomes }: BatchAnswer) => outcomes.map((outcome) => outcome.line);
const payments = () =>
  rig.count('SELECT count(*) FROM payment_intents WHERE merchant_id = $1', [merchant.id]);
const progressOf = async (id: string, key = merchant.key) =>
  (await rig.ask('GET', `/v1/batches/${id}`, { key })).body;

/** Waits for the outcomes of so many lines. */
const outcomesOf = (batch: BatchCaller, count: number): Promise<readonly Outcome[]> =>
  eventually(() => {
    const { outcomes } = batch.answer;
    expect(outcomes.length).toBeGreaterThanOrEqual(count);
    return outcomes;
  });

describe('every line has its own outcome', () => {
  it('in order, whatever the lines beside it are', async () => {
    const tooLong = `{"reference":"${'x'.repeat(70_000)}"}\n`;
    const batch = caller({ 'batch-id': 'mixed' }).send(
      line('M-1'),
      '\n',
      '{"reference":\n',
      line('M-1'),
      Buffer.from([0x22, 0xff, 0x22, 0x0a]),
      line('M-1', { amount: '9.99' }),
      tooLong,
      line('M-2', { card: { number: '4012000033330027' } }),
      '  \r\n',
      '[1]\n',
      `${JSON.stringify(line('M-3'))}\r\n`,
      JSON.stringify(line('M-4')),
    );
    const answer = await batch.whole();
    expect(answer).toMatchObject({ status: 200, isWhole: true });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'batch-id': 'mixed',
    });
    expect(numbersOf(answer)).toEqual([1, 3, 4, 5, 6, 7, 8, 10, 11, 12]);
    expect(statusesOf(answer)).toEqual([202, 400, 200, 400, 409, 413, 422, 422, 202, 202]);
    expect(answer.outcomes[0]?.payment_intent).toMatchObject({ reference: 'M-1' });
    expect(answer.outcomes[2]).toMatchObject({ idempotent_replayed: true });
    expect(answer.outcomes[4]?.problem).toMatchObject({ code: 'reference_conflict' });
    expect(answer.outcomes[6]?.problem?.errors).toHaveLength(3);
    expect(await payments()).toBe(3);
    expect(await progressOf('mixed')).toMatchObject({
      id: 'mixed',
      object: 'batch',
      settled: 12,
      accepted: 3,
      replayed: 1,
      refused: 6,
    });
    expect(rig.logged.join('')).not.toMatch(/4012000033330027/);
  });

  it('while later lines are not sent yet, for longer than any other request may take', async () => {
    const batch = caller();
    for (let count = 1; count <= 4; count += 1) {
      batch.send(line(`T-${count}`));
      const outcomes = await outcomesOf(batch, count);
      expect(outcomes.at(-1)).toMatchObject({ line: count, status: 202 });
      await pause(REQUEST_TIMEOUT_MS / 2);
    }
    expect(await batch.whole()).toMatchObject({ isWhole: true });
  });

  it('and of lines with one reference the first makes the payment', async () => {
    const same = Array.from({ length: 40 }, () => line('SAME'));
    const others = Array.from({ length: 40 }, (_, at) => line('SAME', { amount: `2.${10 + at}` }));
    const answer = await caller()
      .send(...same, ...others)
      .whole();
    expect(statusesOf(answer)).toEqual([
      202,
      ...Array.from({ length: 39 }, () => 200),
      ...Array.from({ length: 40 }, () => 409),
    ]);
    expect(await payments()).toBe(1);
  });

  it('in two batches and by single requests at once, with one payment for each reference', async () => {
    const [one, another] = [caller(), caller()];
    one.send(...lines(150));
    another.send(...lines(150).toReversed());
    const singles = lines(30).map((body) =>
      rig.ask('POST', '/v1/payment-intents', { key: merchant.key, body }),
    );
    const [ones, others] = await Promise.all([one.whole(), another.whole()]);
    const single = await Promise.all(singles);
    const all = [...statusesOf(ones), ...statusesOf(others), ...single.map(({ status }) => status)];
    expect(all.filter((status) => status === 202)).toHaveLength(150);
    expect(new Set(all)).toEqual(new Set([200, 202]));
    expect(await payments()).toBe(150);
  });
});

describe('a batch continues', () => {
  it('after its last settled line, and repeated lines count once', async () => {
    const id = { 'batch-id': 'resumed' };
    await caller(id)
      .send(...lines(5))
      .whole();
    const answer = await caller({ ...id, 'first-line': '4' })
      .send(...lines(4, 4))
      .whole();
    expect(numbersOf(answer)).toEqual([4, 5, 6, 7]);
    expect(statusesOf(answer)).toEqual([200, 200, 202, 202]);
    expect(await progressOf('resumed')).toMatchObject({ settled: 7, accepted: 7, replayed: 0 });
  });

  it('without a gap only', async () => {
    const id = { 'batch-id': 'gap' };
    const headers = { ...id, 'first-line': '2' };
    expect(await caller(headers).send(line('G')).whole()).toMatchObject({ status: 409 });
    await caller(id).send(line('G')).whole();
    expect(await caller(headers).send(line('H')).whole()).toMatchObject({ status: 200 });
    const far = await caller({ ...id, 'first-line': '4' })
      .send(line('I'))
      .whole();
    expect(far.status).toBe(409);
    expect(await payments()).toBe(2);
  });

  it('when its caller has disconnected: what was accepted stays accepted', async () => {
    const id = { 'batch-id': 'broken' };
    const broken = caller(id).send(...lines(50), JSON.stringify(line('L-51')).slice(0, 40));
    await outcomesOf(broken, 10);
    broken.disconnect();
    await eventually(async () => {
      expect(await progressOf('broken')).toMatchObject({ settled: 50, accepted: 50 });
    });
    const answer = await caller({ ...id, 'first-line': '51' })
      .send(...lines(2, 51))
      .whole();
    expect(statusesOf(answer)).toEqual([202, 202]);
    expect(await progressOf('broken')).toMatchObject({ settled: 52, accepted: 52 });
  });

  it('in a later call, which ends the earlier one', async () => {
    const id = { 'batch-id': 'taken' };
    const earlier = caller(id).send(line('L-1'));
    await outcomesOf(earlier, 1);
    const later = await caller(id)
      .send(...lines(2))
      .whole();
    expect(statusesOf(later)).toEqual([200, 202]);
    earlier.send(line('L-3'));
    await earlier.ended;
    const { outcomes, isWhole } = earlier.answer;
    expect(isWhole).toBe(true);
    expect(outcomes).toMatchObject([
      { line: 1, status: 202 },
      { status: 409, problem: { code: 'state_conflict' } },
    ]);
    expect(outcomes.at(-1)).not.toHaveProperty('line');
    expect(await progressOf('taken')).toMatchObject({ settled: 2, accepted: 2, replayed: 0 });
  });

  it('after its end from line 1 alone, and charges nothing twice', async () => {
    const id = { 'batch-id': 'ended' };
    await caller(id)
      .send(...lines(3))
      .whole();
    await rig.pool.query(`SELECT end_batches($1, now() + interval '2 days')`, [
      [`${merchant.id}/ended`],
    ]);
    expect((await rig.ask('GET', '/v1/batches/ended', { key: merchant.key })).status).toBe(404);
    const next = await fetch(`${rig.url}/v1/payment-intents/batch`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${merchant.key}`,
        'content-type': 'application/x-ndjson',
        'first-line': '4',
        ...id,
      },
      body: `${JSON.stringify(line('L-4'))}\n`,
    });
    expect(next.status).toBe(409);
    expect(await next.json()).toMatchObject({
      code: 'state_conflict',
      detail: expect.stringContaining('Begin it with First-Line: 1') as string,
    });
    await rig.pool.query(
      `BEGIN; SET LOCAL session_replication_role = replica;
       UPDATE payment_intents SET status = 'cancelled', next_step_at = NULL, sealed_card = NULL WHERE reference = 'L-3'; COMMIT`,
    );
    await rig.pool.query(
      `SELECT end_payments(ARRAY(SELECT id FROM payment_intents WHERE merchant_id = $1 AND reference = 'L-3'), now())`,
      [merchant.id],
    );
    const again = await caller(id)
      .send(...lines(4))
      .whole();
    expect(statusesOf(again)).toEqual([200, 200, 409, 202]);
    expect(again.outcomes[2]?.problem).toMatchObject({ code: 'reference_conflict' });
    expect(await payments()).toBe(3);
    expect(await progressOf('ended')).toMatchObject({
      settled: 4,
      accepted: 1,
      replayed: 2,
      refused: 1,
    });
  });

  it('and is in use while its lines are sent again', async () => {
    const id = { 'batch-id': 'again' };
    await caller(id)
      .send(...lines(2))
      .whole();
    const batch = caller(id).send(line('L-1'));
    await outcomesOf(batch, 1);
    await rig.pool.query(
      `UPDATE payment_batches SET updated_at = now() - interval '2 days' WHERE merchant_id = $1`,
      [merchant.id],
    );
    batch.send(line('L-2'));
    await batch.whole();
    const { updated_at: changed } = await progressOf('again');
    expect(Date.parse(String(changed))).toBeGreaterThan(Date.now() - 86_400_000);
    expect(await progressOf('again')).toMatchObject({ settled: 2, accepted: 2, replayed: 0 });
  });

  it('of its own merchant only', async () => {
    await caller({ 'batch-id': 'mine' }).send(line('A')).whole();
    const other = await rig.addMerchant();
    const { status } = await rig.ask('GET', '/v1/batches/mine', { key: other.key });
    expect(status).toBe(404);
    await caller({ 'batch-id': 'mine' }, other.key).send(line('A')).whole();
    expect(await progressOf('mine', other.key)).toMatchObject({ settled: 1, accepted: 1 });
  });
});

describe('a call ends', () => {
  it('when no line ends within the limit, and says so', async () => {
    const batch = caller({ 'batch-id': 'slow' }).send(line('S-1'), '{"reference":');
    const drip = setInterval(() => batch.send(' '), 100);
    await batch.ended.finally(() => clearInterval(drip));
    const { outcomes, isWhole } = batch.answer;
    expect(isWhole).toBe(true);
    expect(outcomes).toMatchObject([
      { line: 1, status: 202 },
      { status: 408, problem: { code: 'request_timeout' } },
    ]);
    expect(await progressOf('slow')).toMatchObject({ settled: 1 });
  });

  it('without a second response in the middle of the first, when its body breaks off', async () => {
    const { hostname: host, port } = new URL(rig.url);
    const socket = connect({ host, port: Number(port), allowHalfOpen: true });
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    const head = [
      'POST /v1/payment-intents/batch HTTP/1.1',
      'host: x',
      `authorization: Bearer ${merchant.key}`,
      'content-type: application/x-ndjson',
      'content-length: 100000',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${JSON.stringify(line('HALF'))}\n`);
    await eventually(() => expect(received).toContain('"reference":"HALF"'));
    socket.end('{"reference":');
    await closed;
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(received.endsWith('0\r\n\r\n')).toBe(false);
    expect(await payments()).toBe(1);
  });

  it('when its caller does not read', async () => {
    const batch = caller({ 'batch-id': 'unread' });
    batch.stopReading();
    const faulty = `${JSON.stringify({ reference: 'x'.repeat(200) })}\n`.repeat(50);
    const isOver = batch.ended.then(() => true);
    const fill = setInterval(() => batch.takesMore && batch.send(faulty), 5);
    const limit = pause(20_000, false, { ref: false });
    expect(await Promise.race([isOver, limit]).finally(() => clearInterval(fill))).toBe(true);
    expect(batch.answer.isWhole).toBe(false);
  });

  it('after the most lines of a call', async () => {
    const body = '\n'.repeat(1_000);
    expect(await caller().send(body).whole()).toMatchObject({ outcomes: [], isWhole: true });
    const { outcomes } = await caller().send(body, line('TOO-MANY')).whole();
    expect(outcomes).toMatchObject([{ status: 413, problem: { code: 'payload_too_large' } }]);
    expect(await payments()).toBe(0);
  });

  it('soon after its key was revoked', async () => {
    const batch = caller().send(line('R-0'));
    await outcomesOf(batch, 1);
    await rig.pool.query('UPDATE api_keys SET revoked_at = now() WHERE merchant_id = $1', [
      merchant.id,
    ]);
    let sent = 0;
    const sending = setInterval(() => batch.send(line(`R-${(sent += 1)}`)), 250);
    await batch.ended.finally(() => clearInterval(sending));
    expect(batch.answer.outcomes.at(-1)).toMatchObject({ status: 401 });
    expect(await payments()).toBeLessThan(40);
  });
});

describe('the limits of requests hold for lines', () => {
  it('each counts against its key, and waits for the next window instead of failing', async () => {
    await rig.pool.query('UPDATE api_keys SET requests_per_second = 10 WHERE merchant_id = $1', [
      merchant.id,
    ]);
    const started = performance.now();
    const answer = await caller()
      .send(...lines(25))
      .whole();
    expect(statusesOf(answer)).toEqual(Array.from({ length: 25 }, () => 202));
    expect(performance.now() - started).toBeGreaterThan(1_500);
  });

  it('and one key has few calls at once', async () => {
    const [one, another] = [caller().send(line('C-1')), caller().send(line('C-2'))];
    await Promise.all([outcomesOf(one, 1), outcomesOf(another, 1)]);
    const third = await caller().send(line('C-3')).whole();
    expect(third).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    await Promise.all([one.whole(), another.whole()]);
    expect(await caller().send(line('C-3')).whole()).toMatchObject({ status: 200 });
  });
});
