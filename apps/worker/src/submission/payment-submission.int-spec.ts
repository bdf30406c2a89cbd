// Goal: at most one request per payment, and a record that states exactly what is known, whatever
// the gateway does. Method: the use case over a real Postgres and a scripted gateway.
import { Payments } from '@quittance/persistence';
import { eventually } from '../../../../test/support/eventually.js';
import { json } from '../../../../test/support/scripted-gateway.js';
import { CARD, decrypted, TRANS_ID, transaction, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(async () => {
  await rig.gateway.close();
  await rig.gateway.open();
  await rig.reset();
});
afterAll(() => rig.stop());

const error = (number: string) => json(400, { error_number: number, error_message: 'x' });

describe('the fence', () => {
  it('erases the card and opens the attempt before the gateway is called', async () => {
    const payment = await rig.accept();
    let seen: unknown;
    rig.gateway.script = async () => {
      const { status, sealedCard } = await rig.load(payment);
      seen = {
        status,
        sealedCard,
        attempts: await rig.rows('SELECT number, closed_at FROM submission_attempts'),
      };
      return json(200, transaction(payment, '25'));
    };
    await rig.submission().submit(payment.id);
    expect(seen).toEqual({
      status: 'submitting',
      sealedCard: null,
      attempts: [{ number: 1, closed_at: null }],
    });
    expect(await rig.load(payment)).toMatchObject({
      status: 'succeeded',
      transId: TRANS_ID,
      sealedCard: null,
    });
    expect(await rig.history()).toEqual(['queued', 'submitting', 'succeeded']);
  });

  it('allows one request, however often and by however many workers the job runs', async () => {
    const payment = await rig.accept();
    rig.gateway.script = () => json(200, transaction(payment, '0'));
    const workers = Array.from({ length: 20 }, () => rig.submission());
    await Promise.all(workers.map((worker) => worker.submit(payment.id)));
    await Promise.all(workers.map((worker) => worker.submit(payment.id)));
    expect(rig.gateway.creates).toHaveLength(1);
    expect(await rig.load(payment)).toMatchObject({ status: 'requiresAction' });
  });
});

/** Commits, but loses the first confirmation. */
class LosesFirstConfirmation extends Payments {
  #isLost = false;
  readonly meanwhile: () => Promise<unknown>;

  constructor(meanwhile: () => Promise<unknown>) {
    super(rig.pool);
    this.meanwhile = meanwhile;
  }

  override async apply(...args: Parameters<Payments['apply']>): ReturnType<Payments['apply']> {
    const written = await super.apply(...args);
    if (this.#isLost) return written;
    this.#isLost = true;
    await this.meanwhile();
    throw new Error('Connection terminated unexpectedly');
  }
}

describe('a request that provably never left', () => {
  it('is retried with its card until it reaches the gateway', async () => {
    const payment = await rig.accept();
    await rig.gateway.close();
    for (const attempt of [1, 2, 3]) {
      await rig.submission().submit(payment.id);
      expect(await rig.load(payment)).toMatchObject({
        status: 'queued',
        attempt,
        sealedCard: expect.any(String),
      });
    }
    await rig.gateway.open();
    rig.gateway.script = () => json(200, transaction(payment, '25'));
    await rig.submission().submit(payment.id);
    expect(decrypted(rig.gateway.requests[0]!)['ccno']).toBe(CARD.number);
    expect(await rig.load(payment)).toMatchObject({ status: 'succeeded', sealedCard: null });
    expect(
      await rig.rows('SELECT outcome, reason FROM submission_attempts ORDER BY number'),
    ).toEqual([
      ...[1, 2, 3].map(() => ({ outcome: 'notSent', reason: 'econnrefused' })),
      { outcome: 'reported', reason: null },
    ]);
  });

  it('does not undo a later attempt when its outcome is stored twice', async () => {
    const payment = await rig.accept();
    await rig.gateway.close();
    let replyLate: (reply: ReturnType<typeof json>) => void = () => undefined;
    const late = new Promise<ReturnType<typeof json>>((resolve) => {
      replyLate = resolve;
    });
    let second: Promise<void> | undefined;
    const payments = new LosesFirstConfirmation(async () => {
      await rig.gateway.open();
      rig.gateway.script = () => late;
      second = rig.submission().submit(payment.id);
      await eventually(() => expect(rig.gateway.creates).toHaveLength(1));
    });
    await rig.submission({ payments }).submit(payment.id);
    // The second attempt is in flight: nothing else may be sent.
    expect(await rig.load(payment)).toMatchObject({
      status: 'submitting',
      attempt: 2,
      sealedCard: null,
    });
    await rig.submission().submit(payment.id);
    expect(rig.gateway.creates).toHaveLength(1);
    replyLate(json(200, transaction(payment, '25')));
    await second;
    expect(await rig.load(payment)).toMatchObject({ status: 'succeeded' });
  });

  it('is left to the sweeper when its deadline has passed', async () => {
    const payment = await rig.accept({ submitBefore: new Date(Date.now() - 1) });
    await rig.submission().submit(payment.id);
    expect(await rig.load(payment)).toMatchObject({ status: 'queued', version: 1 });
    expect(rig.gateway.requests).toEqual([]);
  });
});

describe('a reply', () => {
  it('is stored although Postgres’ first confirmation is lost', async () => {
    const payment = await rig.accept();
    rig.gateway.script = () => json(200, transaction(payment, '2'));
    const payments = new LosesFirstConfirmation(() => Promise.resolve());
    await rig.submission({ payments }).submit(payment.id);
    expect(await rig.load(payment)).toMatchObject({ status: 'declined' });
    expect(await rig.history()).toEqual(['queued', 'submitting', 'declined']);
  });

  it('of a misconfigured terminal fails the payment and pauses the terminal', async () => {
    const [first, later] = [await rig.accept(), await rig.accept()];
    rig.gateway.script = () => error('5015');
    await rig.submission().submit(first.id);
    await rig.submission().submit(later.id);
    expect(await rig.load(first)).toMatchObject({
      status: 'failed',
      failure: { code: 'gateway_5015' },
    });
    expect(await rig.load(later)).toMatchObject({
      status: 'queued',
      sealedCard: expect.any(String),
    });
    expect(rig.gateway.creates).toHaveLength(1);
    expect(await rig.rows('SELECT paused_reason FROM terminals')).toEqual([
      { paused_reason: 'gateway_5015' },
    ]);
  });

  it('that cannot exist because of the terminal’s address leaves the payment queued until that is corrected', async () => {
    // 127.0.0.1 is a private address; for a live terminal plain http is rejected even before that.
    await rig.pool.query(`UPDATE terminals SET mode = 'live'`);
    const payment = await rig.accept();
    rig.gateway.script = () => json(200, transaction(payment, '2'));
    await rig.submission().submit(payment.id);
    expect(await rig.load(payment)).toMatchObject({
      status: 'queued',
      sealedCard: expect.any(String),
    });
    expect(await rig.rows('SELECT paused_reason FROM terminals')).toEqual([
      { paused_reason: 'gateway_not_https' },
    ]);
    expect(rig.gateway.requests).toHaveLength(0);

    await rig.pool.query(
      `UPDATE terminals SET mode = 'test', paused_at = NULL, paused_reason = NULL`,
    );
    await rig.submission().submit(payment.id);
    expect(await rig.load(payment)).toMatchObject({ status: 'declined' });
    expect(rig.gateway.creates).toHaveLength(1);
  });

  it.each([
    ['1113', error('1113'), { status: 'failed', failure: { code: 'gateway_1113', message: 'x' } }],
    ['5012', error('5012'), { status: 'inDoubt', doubtReason: 'reference_already_known' }],
    ['the catch-all', error('500'), { status: 'inDoubt', doubtReason: 'gateway_error' }],
    [
      'a proxy’s page',
      { status: 502, body: '<html>' },
      { status: 'inDoubt', doubtReason: 'unreadable_reply' },
    ],
    ['a reset', 'reset' as const, { status: 'inDoubt', doubtReason: 'no_reply' }],
    ['silence', 'silence' as const, { status: 'inDoubt', doubtReason: 'no_reply' }],
    [
      'blocked',
      { status: 403, body: `{"status":"error","transID":${TRANS_ID},"message":"Blocked"}` },
      { status: 'blocked', transId: TRANS_ID },
    ],
  ])('of %s sets the matching status, and nothing is sent again', async (_, answer, expected) => {
    const payment = await rig.accept();
    rig.gateway.script = () => answer;
    const submission = rig.submission({ timeoutMs: 1_000 });
    await submission.submit(payment.id);
    await submission.submit(payment.id);
    const stored = await rig.load(payment);
    expect(stored).toMatchObject({ ...expected, sealedCard: null });
    expect(stored.nextStepAt === null).toBe(stored.status !== 'inDoubt');
    expect(rig.gateway.creates).toHaveLength(1);
  });
});

it('stores the inner code of a doubt with the attempt, and in no answer to callers', async () => {
  const payment = await rig.accept();
  rig.gateway.script = () => 'reset';
  await rig.submission({ timeoutMs: 1_000 }).submit(payment.id);
  expect(await rig.rows('SELECT reason FROM submission_attempts')).toEqual([
    { reason: expect.stringMatching(/^no_reply_[a-z_]+$/) },
  ]);
  const shown =
    "SELECT snapshot->>'doubt_reason' AS reason, note FROM payment_events WHERE sequence = 3";
  expect(await rig.rows(shown)).toEqual([{ reason: 'no_reply', note: 'no_reply' }]);
});

describe('a process that caches the terminal', () => {
  /** Fills the cache with a submission. */
  async function warm() {
    const submission = rig.submission();
    const payment = await rig.accept();
    rig.gateway.script = ({ body }) => {
      const { reference = '' } = decrypted({ body } as Parameters<typeof decrypted>[0]);
      return json(200, transaction({ ...payment, reference }, '25'));
    };
    await submission.submit(payment.id);
    expect(rig.gateway.creates).toHaveLength(1);
    return submission;
  }

  it('sends nothing once a pause is committed, and resumes as soon as it ends', async () => {
    const submission = await warm();
    await rig.pool.query(`UPDATE terminals SET paused_at = now(), paused_reason = 'incident'`);
    const payment = await rig.accept();
    await submission.submit(payment.id);
    expect(rig.gateway.creates).toHaveLength(1);
    await rig.pool.query('UPDATE terminals SET paused_at = NULL, paused_reason = NULL');
    await submission.submit(payment.id);
    expect(rig.gateway.creates).toHaveLength(2);
  });

  it('uses the terminal’s current number and address', async () => {
    const submission = await warm();
    await rig.pool.query(`UPDATE terminals SET base_url = 'http://127.0.0.1:9', number = 43`);
    const payment = await rig.accept();
    await submission.submit(payment.id);
    expect(await rig.load(payment)).toMatchObject({ status: 'queued', attempt: 1 });
    await rig.pool.query('UPDATE terminals SET base_url = $1', [rig.gateway.url]);
    await submission.submit(payment.id);
    expect(await rig.load(payment)).toMatchObject({ status: 'succeeded' });
    expect(decrypted(rig.gateway.creates.at(-1)!)['terNO']).toBe('43');
  });
});

it('leaves a payment that was moved to another lane to the job in that lane', async () => {
  const payment = await rig.accept({ lane: 'slow' });
  rig.gateway.script = () => json(200, transaction(payment, '25'));
  await rig.submission().submit(payment.id, 'submission-default');
  expect(rig.gateway.requests).toEqual([]);
  await rig.submission().submit(payment.id, 'submission-slow');
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded' });
});
