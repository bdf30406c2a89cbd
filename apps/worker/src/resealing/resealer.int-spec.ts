// Goal: after a rotation no stored value needs the retired key, and re-encryption neither loses a
// payment nor restores an erased card. Method: payments accepted under the old key are submitted
// while their cards are re-encrypted, over a real Postgres.
import type { Payment } from '@quittance/payments';
import { SealedValues } from '@quittance/persistence';
import {
  generateKeySets,
  type KeySet,
  openSecret,
  parseKeySet,
  sealedKids,
  sealSecret,
} from '@quittance/vault';
import { json } from '../../../../test/support/scripted-gateway.js';
import { TERMINAL_KEYS, transaction, WorkerRig } from '../../test/worker-rig.js';
import { Resealer, RESEALED_MAX } from './resealer.js';

let rig: WorkerRig;
let before: KeySet;
/** The new keys active and the old ones retired. */
let rotated: KeySet;
/** The new keys alone. */
let afterwards: KeySet;

beforeAll(async () => {
  rig = await WorkerRig.start();
  before = rig.keys;
  afterwards = parseKeySet(JSON.stringify(generateKeySets().worker));
  rotated = {
    cards: [...afterwards.cards, ...before.cards],
    terminalSecrets: [...afterwards.terminalSecrets, ...before.terminalSecrets],
    dropInSecrets: [...afterwards.dropInSecrets, ...before.dropInSecrets],
    callbackTokens: [...afterwards.callbackTokens, ...before.callbackTokens],
    returnTokens: [],
  };
});
beforeEach(async () => {
  rig.keys = before;
  await rig.reset();
  const context = { terminalId: 'ter_test', keys: before, use: 'dropInSecrets' } as const;
  await rig.pool.query(
    `INSERT INTO drop_ins (terminal_id, public_key, caller_networks, callback_origins, accepts_plain, sealed_private_key, created_at)
     VALUES ('ter_test', $1, '{127.0.0.1}', '{}', false, $2, now())`,
    [TERMINAL_KEYS.publicKey, await sealSecret(TERMINAL_KEYS.privateKey, context)],
  );
});
afterAll(() => rig.stop());

function approveAll(): void {
  rig.gateway.script = ({ body }) => {
    const reference = new URLSearchParams(body).get('reference') ?? '';
    return json(200, transaction({ reference } as Payment, '25'));
  };
}

/** Runs batches until a round is complete. */
async function resealAll(keys: KeySet): Promise<void> {
  const resealing = new Resealer(new SealedValues(rig.workers), keys, rig.log);
  while ((await resealing.reseal()) === 'again');
}

async function kidsInUse(): Promise<string[]> {
  const rows = await rig.rows(
    `SELECT sealed_card AS sealed FROM payment_intents WHERE sealed_card IS NOT NULL
     UNION ALL SELECT sealed_private_key FROM terminals
     UNION ALL SELECT sealed_private_key FROM drop_ins`,
  );
  return [...new Set(rows.flatMap(({ sealed }) => sealedKids(String(sealed))))].toSorted();
}
const kidsOf = ({ cards, terminalSecrets, dropInSecrets }: KeySet) =>
  [cards[0]!.kid, terminalSecrets[0]!.kid, dropInSecrets[0]!.kid].toSorted();

it('makes the retired keys obsolete: the new ones alone suffice to submit', async () => {
  const payments = [];
  for (let index = 0; index < RESEALED_MAX + 1; index += 1) payments.push(await rig.accept());
  expect(await kidsInUse()).toEqual(kidsOf(before));
  await resealAll(rotated);
  expect(await kidsInUse()).toEqual(kidsOf(afterwards));
  const [row] = await rig.rows('SELECT sealed_private_key FROM drop_ins');
  const context = { terminalId: 'ter_test', keys: afterwards, use: 'dropInSecrets' } as const;
  expect(await openSecret(String(row?.['sealed_private_key']), context)).toBe(
    TERMINAL_KEYS.privateKey,
  );
  rig.keys = afterwards;
  approveAll();
  const last = payments.at(-1)!;
  await rig.submission().submit(last.id);
  expect(await rig.load(last)).toMatchObject({ status: 'succeeded', sealedCard: null });
});

it('concurrent with submissions loses nothing and restores no erased card', async () => {
  const payments: Payment[] = [];
  for (let index = 0; index < 30; index += 1) payments.push(await rig.accept());
  rig.keys = rotated;
  approveAll();
  const submission = rig.submission();
  await Promise.all([
    resealAll(rotated),
    ...payments.map(({ id }) => submission.submit(id)),
    resealAll(rotated),
  ]);
  const rows = await rig.rows('SELECT DISTINCT status, sealed_card FROM payment_intents');
  expect(rows).toEqual([{ status: 'succeeded', sealed_card: null }]);
  expect(rig.gateway.creates).toHaveLength(payments.length);
});

it('does not replace a card that was erased since it was read', async () => {
  const payment = await rig.accept();
  const stored = new SealedValues(rig.workers);
  const [read] = await stored.cards(undefined, 1);
  approveAll();
  await rig.submission().submit(payment.id);
  expect(await stored.replaceCard(read!, 'resealed')).toBe(false);
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded', sealedCard: null });
});

it('is not undone by a request that never left: its card is stored again under the new key', async () => {
  const payment = await rig.accept();
  rig.keys = rotated;
  await rig.gateway.close();
  await rig.submission().submit(payment.id);
  await rig.gateway.open();
  const { status, sealedCard } = await rig.load(payment);
  expect(status).toBe('queued');
  expect(sealedKids(String(sealedCard))).toEqual([afterwards.cards[0]?.kid]);
});

it('skips a value that cannot be decrypted', async () => {
  const broken = await rig.accept();
  await rig.pool.query(`UPDATE payment_intents SET sealed_card = 'x' WHERE id = $1`, [broken.id]);
  const sound = await rig.accept();
  await resealAll(rotated);
  expect(sealedKids(String((await rig.load(sound)).sealedCard))).toEqual([
    afterwards.cards[0]?.kid,
  ]);
});

it('stores the id of the key that each attempt’s callback token was made with', async () => {
  const payment = await rig.accept();
  approveAll();
  await rig.submission().submit(payment.id);
  expect(await rig.rows('SELECT callback_kid FROM payment_intents')).toEqual([
    { callback_kid: before.callbackTokens[0]?.kid },
  ]);
});
