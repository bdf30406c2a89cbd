// Goal: every list of keys is rotated and its old key destroyed while payments flow through five
// real processes, and nothing is lost: each payment ends right and is charged once, also those
// whose card, callback address or caller's encryption uses an old key. Method: the operator's
// commands; the sandbox's ledger judges; callers encrypt with the code of the documents.
import { readFileSync } from 'node:fs';
import { Pool } from 'pg';
import type { PaymentView } from './support/clients.js';
import { Checkout, whilePaying } from './keys/checkout.js';
import { KeyOperator, type Kids, USES } from './keys/key-operator.js';
import { eventually } from './support/eventually.js';
import { startTestStack, type TestStack } from './support/processes.js';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
const PLAY_LIMIT_MS = 300_000;
/** A round of re-encryption begins every 10 s. */
const REENCRYPTED_LIMIT_MS = 40_000;
/** A worker may use a terminal's old state for some seconds more. */
const HELD_LIMIT_MS = 30_000;
/**
 * Both protocols and both callback modes. The last one is paused during the rotation, so that its
 * cards stay stored.
 */
const HELD = 'plain-enc-cb';
const FLOWING = ['main', 'enc-plain-cb', 'plain'];

let testStack: TestStack;
let pool: Pool;
let checkout: Checkout;
let keys: KeyOperator;

beforeAll(async () => {
  testStack = await startTestStack();
  pool = new Pool({ connectionString: testStack.setup.databaseUrl });
  checkout = await Checkout.open(testStack);
  keys = new KeyOperator(testStack, pool);
}, START_LIMIT_MS);
afterAll(async () => {
  await pool?.end();
  await testStack?.stop();
}, STOP_LIMIT_MS);

it('charges a card that its caller encrypted by the documented code, for its reference only', async () => {
  const sealed = await checkout.seal('SEALED-1');
  const purchase = { kind: 'card_jwe', terminal: 'main', sealed } as const;
  const payment = await checkout.accept({ ...purchase, reference: 'SEALED-1' });
  const ended = await checkout.reaches(payment, 'succeeded');
  expect(ended).toMatchObject({ card: null });
  await expectChargedOnce([ended]);
  await expect(checkout.accept({ ...purchase, reference: 'SEALED-2' })).rejects.toThrow(
    /422 .*"other_reference"/,
  );
});

it(
  'rotates and destroys every key under load, and loses nothing',
  async () => {
    const old = keys.active();
    const { awaiting, stored, unsent } = await begunWith(old);

    const early = await whilePaying({ checkout, name: 'EARLY', terminals: FLOWING }, () =>
      rotate(old, stored),
    );
    const addresses = await keys.kidsOfAddresses('EARLY-');
    expect(addresses.toSorted()).toEqual([old.callbacks, keys.active().callbacks].toSorted());
    await keys.switchTerminal('resume', HELD);
    await eventually(() => keys.sendHeld(stored), { everyMs: 500, limitMs: HELD_LIMIT_MS });

    await keys.letSettle();
    await checkout.forgetKey();
    const late = await whilePaying({ checkout, name: 'LATE', terminals: [...FLOWING, HELD] }, () =>
      destroy(old, awaiting),
    );
    for (const kid of Object.values(old)) expect(keys.files()).not.toContain(kid);
    await expect(checkout.accept(unsent)).rejects.toThrow(/422 .*"unknown_key"/);

    const ended = [...awaiting, ...stored].map((each) => checkout.reaches(each, 'succeeded'));
    await expectChargedOnce([...(await Promise.all(ended)), ...early, ...late]);
    await expectNoComplaints();
  },
  PLAY_LIMIT_MS,
);

/**
 * Work that pauses during the rotation: addresses that wait for their callback, stored cards, and a
 * card that is encrypted but not sent yet.
 */
async function begunWith(old: Kids) {
  const awaiting = await Promise.all(
    ['main', 'plain'].map((terminal) =>
      checkout.accept({ kind: 'wallet', reference: `AWAITING-${terminal}`, terminal }),
    ),
  );
  for (const payment of awaiting) await checkout.reaches(payment, 'requires_action');
  await keys.switchTerminal('pause', HELD);
  const stored = await Promise.all(
    (['card', 'card_jwe'] as const).map((kind) =>
      checkout.accept({ kind, reference: `STORED-${kind}`, terminal: HELD }),
    ),
  );
  expect((await keys.kidsStored()).toSorted()).toEqual([old.cards, old.secrets].toSorted());
  const reference = 'UNSENT';
  const sealed = await checkout.seal(reference);
  return {
    awaiting,
    stored,
    unsent: { kind: 'card_jwe', reference, terminal: 'main', sealed } as const,
  };
}

/**
 * New keys become active, everything stored is encrypted with them, and the old ones cannot be
 * destroyed yet.
 */
async function rotate(old: Kids, stored: readonly PaymentView[]): Promise<void> {
  const fresh = await keys.rotateAll();
  expect(keys.active()).toEqual(fresh);
  for (const use of USES) {
    expect(fresh[use]).not.toBe(old[use]);
    expect(keys.files()).toContain(old[use]);
  }
  await expect(keys.destroy(old.cards)).rejects.toThrow(
    /is still needed\. Nothing was changed\.[^]*begun with it while it was active: wait/,
  );
  await eventually(
    async () => {
      const kids = await keys.kidsStored();
      expect(kids.toSorted()).toEqual([fresh.cards, fresh.secrets].toSorted());
    },
    { limitMs: REENCRYPTED_LIMIT_MS },
  );
  for (const payment of stored) await checkout.reaches(payment, 'queued');
}

/**
 * The old keys are destroyed, that of the callback addresses last: once the callbacks have arrived
 * and their grace period is over.
 */
async function destroy(old: Kids, awaiting: readonly PaymentView[]): Promise<void> {
  await keys.destroy(old.cards, old.secrets);
  await expect(keys.destroy(old.callbacks)).rejects.toThrow(
    /is still needed[^]* 2 open payments whose callback address was made with it/,
  );
  for (const payment of awaiting) await checkout.approve(payment);
  for (const payment of awaiting) await checkout.reaches(payment, 'succeeded');
  await expect(keys.destroy(old.callbacks)).rejects.toThrow(
    /is still needed[^]*: *\n *\d+ ended payments changed within 30d/,
  );
  expect(keys.files()).toContain(old.callbacks);
  await keys.withSettings({ CALLBACK_GRACE_MS: '0' }).destroy(old.callbacks);
}

/** Asked for once and charged once by the gateway's book, and paid for the order domain. */
async function expectChargedOnce(payments: readonly PaymentView[]): Promise<void> {
  const booked = await Promise.all(payments.map((payment) => checkout.booked(payment)));
  expect(booked).toEqual(
    payments.map(({ reference }) => ({ reference, requests: 1, charges: 1, order: 'succeeded' })),
  );
}

/** No callback was turned away, and no process met anything that it could not open. */
async function expectNoComplaints(): Promise<void> {
  const { stack } = testStack;
  const metrics = await (await fetch(`${stack.urls.webhook}/metrics`)).text();
  expect(metrics).toMatch(/^quittance_callbacks_total\{verdict="awaiting_inquiry"\} [1-9]/m);
  expect(metrics).not.toMatch(/verdict="(bad_token|set_aside|refused)"\} [1-9]/);
  for (const app of ['api', 'worker', 'webhook'] as const) {
    const log = readFileSync(stack.logFile(app), 'utf8');
    expect(log).toContain('a changed key set was loaded');
    expect(log).not.toMatch(
      /VaultError|cannot be (opened|decrypted)|could not be encrypted|cannot be read/,
    );
  }
}
