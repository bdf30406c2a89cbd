// Goal: every list of keys is rotated and its old key destroyed while payments flow through five real processes, and nothing is lost:
// each payment ends right and is charged once, also those whose card was stored, whose address was made, or whose caller sealed
// before. Method: the commands an operator types; the sandbox's ledger as the judge; callers seal with the code that the documents show.
import { Pool } from 'pg';
import { sealedKids } from '@quittance/vault';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PaymentsApi, type PaymentView, Sandbox } from '../tools/demo/clients.mjs';
import { operate } from '../tools/stack/operator.mjs';
import { documentedSealCard, type SealCard } from './support/documented-snippet.js';
import { eventually } from './support/eventually.js';
import { startTestStack, type TestStack } from './support/processes.js';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
const PLAY_LIMIT_MS = 300_000;
/** A round of sealing anew begins every 10 s. */
const RESEALED_LIMIT_MS = 40_000;
const UNDER_WAY = 2;
const CARD = { number: '4012000033330026', cvv: '123', exp_month: '01', exp_year: '30' };
const LISTS = { cards: 'cards', secrets: 'terminalSecrets', callbacks: 'callbackTokens' } as const;
type Use = keyof typeof LISTS;

let testStack: TestStack;
let pool: Pool;
let api: PaymentsApi;
let sandbox: Sandbox;
let sealCard: SealCard;

beforeAll(async () => {
  testStack = await startTestStack();
  pool = new Pool({ connectionString: testStack.setup.databaseUrl });
  api = new PaymentsApi(testStack.stack.urls.api, testStack.merchant.apiKey);
  sandbox = new Sandbox(testStack.stack.urls.sandbox);
  sealCard = await documentedSealCard();
}, START_LIMIT_MS);
afterAll(async () => {
  await pool?.end();
  await testStack?.stop();
}, STOP_LIMIT_MS);

type How = 'card' | 'card_jwe' | 'wallet';
async function pay(how: How, reference: string, terminal: string): Promise<PaymentView> {
  const { payment } = await api.create({
    reference,
    terminal,
    amount: '11.11',
    currency: 'EUR',
    product_name: 'Two tickets',
    return_url: sandbox.returnUrl,
    customer: { name: 'Dev Tech', email: 'dev@example.com', ip: '203.0.113.7' },
    method: how === 'wallet' ? 'WALLET' : 'CC',
    ...(how === 'card' && { card: CARD }),
    ...(how === 'card_jwe' && {
      card_jwe: await sealCard(CARD, reference, testStack.stack.urls.api),
    }),
  });
  return payment;
}
const reaches = ({ id }: PaymentView, status: string) =>
  api.until(id, (payment) => payment.status === status, status);

async function expectChargedOnce({ reference }: PaymentView): Promise<void> {
  const { data, received } = await sandbox.ledger(reference);
  expect([reference, data.filter(({ charged }) => charged).length, received.length]).toEqual([
    reference,
    1,
    1,
  ]);
}
/** The acquirer's approval, which comes to us as a callback to the payment's address. */
async function approve(payment: PaymentView): Promise<void> {
  const { gateway } = await reaches(payment, 'requires_action');
  await sandbox.settle(gateway?.trans_id ?? '', '1');
}

/** Commands one after another; rejects with the words of the first that is refused. */
const quittance = (...commands: readonly (readonly string[])[]) =>
  operate(testStack.setup, commands);
const destroyed = (use: Use, kids: Readonly<Record<Use, string>>) => ['keys', 'destroy', kids[use]];
const activeKid = (use: Use): string => {
  const file = join(testStack.setup.keyFolder, 'worker.json');
  const set = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { kid: string }[]>;
  return set[LISTS[use]]?.[0]?.kid ?? '';
};
async function kidsStored(): Promise<string[]> {
  const { rows } = await pool.query<{ sealed: string }>(
    `SELECT sealed_card AS sealed FROM payment_intents WHERE sealed_card IS NOT NULL
     UNION ALL SELECT sealed_private_key FROM terminals`,
  );
  return [...new Set(rows.flatMap(({ sealed }) => sealedKids(sealed)))];
}
/** As if the ten minutes were over in which something begun with a key may still come. */
const settle = () =>
  pool.query(`UPDATE key_uses SET last_active_at = last_active_at - interval '11 minutes'`);

/** Payments one after another, of each kind in turn, until the promise has settled. */
async function payUntil(over: Promise<unknown>): Promise<PaymentView[]> {
  let isOver = false;
  over.finally(() => (isOver = true)).catch(() => undefined);
  const kinds: readonly How[] = ['card', 'card_jwe', 'wallet'];
  // The fourth holds back the stored cards.
  const terminals = ['main', 'plain', 'enc-plain-cb'];
  const all: PaymentView[] = [];
  const lane = async (at: number) => {
    for (let index = 0; !isOver; index += 1) {
      const how = kinds[(at + index) % kinds.length] ?? 'card';
      const terminal = terminals[Math.floor(index / kinds.length) % terminals.length] ?? 'main';
      const payment = await pay(how, `LOAD-${at}-${index}`, terminal);
      if (how === 'wallet') await approve(payment);
      await reaches(payment, 'succeeded');
      all.push(payment);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, (_, at) => lane(at)));
  return all;
}

it(
  'a caller seals the card as the documents show, and is charged',
  async () => {
    const payment = await pay('card_jwe', 'SEALED-1', 'main');
    expect(await reaches(payment, 'succeeded')).toMatchObject({ card: null });
    await expectChargedOnce(payment);
    const again = await api
      .create({
        reference: 'SEALED-2',
        terminal: 'main',
        amount: '11.11',
        currency: 'EUR',
        product_name: 'x',
        return_url: sandbox.returnUrl,
        method: 'CC',
        card_jwe: await sealCard(CARD, 'SEALED-1', testStack.stack.urls.api),
      })
      .catch(String);
    expect(again).toContain('other_reference');
  },
  PLAY_LIMIT_MS,
);

it(
  'every key is rotated and destroyed under load, and nothing is lost',
  async () => {
    const { setup } = testStack;
    const old = {
      cards: activeKid('cards'),
      secrets: activeKid('secrets'),
      callbacks: activeKid('callbacks'),
    };
    // What lies still through all of it: cards stored, a card that a caller sealed, and an address that waits for its callback.
    const late = [await pay('wallet', 'LATE-1', 'main'), await pay('wallet', 'LATE-2', 'plain')];
    for (const payment of late) await reaches(payment, 'requires_action');
    const { merchant } = testStack.merchant;
    const held = ['pause', 'plain-enc-cb', '--merchant', merchant];
    await quittance(['terminals', ...held, '--reason', 'holds stored cards']);
    const stored = [
      await pay('card', 'STORED-1', 'plain-enc-cb'),
      await pay('card_jwe', 'STORED-2', 'plain-enc-cb'),
    ];

    const uses: readonly Use[] = ['cards', 'secrets', 'callbacks'];
    const rotating = quittance(...uses.map((use) => ['keys', 'rotate', '--use', use]), [
      'terminals',
      'resume',
      ...held.slice(1),
    ]);
    const paid = await payUntil(rotating);
    expect((await rotating).slice(0, 3)).toEqual(uses.map(activeKid));
    for (const use of uses) expect(activeKid(use)).not.toBe(old[use]);
    expect(paid.length).toBeGreaterThan(UNDER_WAY * uses.length);

    // Stored payments of a terminal that was paused are looked at again within a minute: as if it were over.
    await pool.query(`UPDATE payment_intents SET next_step_at = now() WHERE status = 'queued'`);
    // Everything stored comes under the new keys, or is sent.
    await eventually(
      async () => {
        for (const kid of await kidsStored()) expect(Object.values(old)).not.toContain(kid);
      },
      { limitMs: RESEALED_LIMIT_MS },
    );
    await settle();
    await quittance(destroyed('cards', old), destroyed('secrets', old));
    await expect(quittance(destroyed('callbacks', old))).rejects.toThrow(
      /is still needed[^]*\d+ open payments whose callback address was made with it/,
    );

    // Late callbacks under the old key still arrive; then its payments have ended, and after their grace it goes.
    for (const payment of late) await approve(payment);
    await Promise.all([...late, ...stored, ...paid].map((each) => reaches(each, 'succeeded')));
    await expect(quittance(destroyed('callbacks', old))).rejects.toThrow(
      /still needed[^]*: *\n *\d+ ended payments changed within 30d/,
    );
    await operate({ ...setup, extra: { ...setup.extra, CALLBACK_GRACE_MS: '0' } }, [
      destroyed('callbacks', old),
    ]);

    const files = ['api', 'worker', 'webhook', 'operator'].map((name) =>
      readFileSync(join(testStack.setup.keyFolder, `${name}.json`), 'utf8'),
    );
    for (const kid of Object.values(old)) expect(files.join('')).not.toContain(kid);
    // A caller whose five minutes are over as well.
    sealCard = await documentedSealCard();
    const after = [
      await pay('card', 'AFTER-1', 'main'),
      await pay('card_jwe', 'AFTER-2', 'plain'),
      await pay('wallet', 'AFTER-3', 'plain-enc-cb'),
    ];
    await approve(after[2]!);
    for (const payment of after) await reaches(payment, 'succeeded');
    await Promise.all([...late, ...stored, ...paid, ...after].map(expectChargedOnce));
    const metrics = await (await fetch(`${testStack.stack.urls.webhook}/metrics`)).text();
    expect(metrics).toMatch(/^quittance_callbacks_total\{verdict="applied"\} [1-9]/m);
    expect(metrics).not.toMatch(/verdict="(bad_token|set_aside|refused)"\} [1-9]/);
    for (const app of ['api', 'worker', 'webhook'] as const) {
      const log = readFileSync(testStack.stack.logFile(app), 'utf8');
      expect(log).not.toMatch(/VaultError|cannot be opened|sealed anew|keys stay as they were/);
    }
  },
  PLAY_LIMIT_MS,
);
