// Goal: an attacker who takes the api's whole environment and database gets no card (PCI DSS 4.0.1,
// 3.5.1). Method: the running api accepts cards; then every key in its environment is tried on
// every text in every table, and on every text that decrypts.
import { compactDecrypt, CompactEncrypt, importJWK, type JWK } from 'jose';
import { aCard } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';

let rig: ApiRig;
let merchant: TestMerchant;
beforeAll(async () => {
  rig = await ApiRig.start();
  merchant = await rig.addMerchant();
});
afterAll(() => rig.stop());

const CARD = { number: '4111111111111111', cvv: '9876' };

/** The settings that the api was started with, and nothing else. */
const environment = () => JSON.stringify(rig.keySets.api);

/** Returns all rows of all tables, as Postgres prints them. */
async function everyText(): Promise<string[]> {
  const { rows } = await rig.pool.query<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  const texts: string[] = [];
  for (const { name } of rows) {
    const found = await rig.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    texts.push(...found.rows.map(({ row }) => row));
  }
  return texts;
}

const JWES = /eyJ[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+/g;
const jwesIn = (texts: readonly string[]) => texts.flatMap((text) => text.match(JWES) ?? []);

/** Returns everything that any of the keys decrypts, decrypted again as far as possible. */
async function opened(jwes: readonly string[], jwks: readonly JWK[]): Promise<string[]> {
  const plain: string[] = [];
  for (const jwe of jwes) {
    for (const jwk of jwks) {
      try {
        const { plaintext } = await compactDecrypt(jwe, await importJWK(jwk, 'ECDH-ES'));
        plain.push(Buffer.from(plaintext).toString());
      } catch {
        // The key does not decrypt this message.
      }
    }
  }
  return plain.length === 0 ? [] : [...plain, ...(await opened(jwesIn(plain), jwks))];
}

const jwksIn = (text: string): JWK[] =>
  Object.values(JSON.parse(text) as Record<string, JWK[]>).flat();

async function sealedByCaller(): Promise<string> {
  const { body } = await rig.ask('GET', '/.well-known/jwks.json');
  const [jwk] = body['keys'] as JWK[];
  return new CompactEncrypt(Buffer.from(JSON.stringify(aCard(CARD))))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: String(jwk?.kid) })
    .encrypt(await importJWK(jwk ?? {}, 'ECDH-ES'));
}

it('contains no card, neither in clear nor for any key of the api', async () => {
  await rig.create(merchant, { reference: 'BY-CARD', card: aCard(CARD) });
  const cardJwe = await sealedByCaller();
  const sealed = await rig.create(merchant, {
    reference: 'BY-JWE',
    card: undefined,
    card_jwe: cardJwe,
  });
  expect(sealed).toMatchObject({ status: 202, body: { card: null } });

  const texts = await everyText();
  const jwes = jwesIn(texts);
  expect(jwes).toHaveLength(2);
  const everything = [...texts, environment(), ...rig.logged].join('\n');
  expect(everything).not.toContain(CARD.number);
  expect(everything).not.toContain(CARD.cvv);
  // The caller's own ciphertext is not stored either: it would decrypt for another payment.
  expect(everything).not.toContain(cardJwe);
  expect(await opened(jwes, jwksIn(environment()))).toEqual([]);

  const byTheWorker = await opened(jwes, rig.keySets.worker.cards as JWK[]);
  expect(byTheWorker.filter((text) => text.includes(CARD.number))).toHaveLength(2);
});

it('cannot have one decrypted by moving it to another payment', async () => {
  const mine = await rig.create(merchant, { reference: 'MINE', card: aCard() });
  const stolen = await rig.create(merchant, { reference: 'THEIRS', card: aCard(CARD) });
  await rig.pool.query(
    `UPDATE payment_intents SET sealed_card = (SELECT sealed_card FROM payment_intents WHERE id = $1) WHERE id = $2`,
    [stolen.body['id'], mine.body['id']],
  );
  const { openCard, parseKeySet } = await import('@quittance/vault');
  const keys = parseKeySet(JSON.stringify(rig.keySets.worker));
  const { rows } = await rig.pool.query<{ sealed_card: string }>(
    'SELECT sealed_card FROM payment_intents WHERE id = $1',
    [mine.body['id']],
  );
  const moved = rows[0]?.sealed_card ?? '';
  await expect(openCard(moved, { paymentId: String(mine.body['id']), keys })).rejects.toThrow(
    'cannot be opened',
  );
  const opens = await openCard(moved, { paymentId: String(stolen.body['id']), keys });
  expect(opens.number.cardInClear()).toBe(CARD.number);
});

it('cannot have one decrypted by submitting it as a card sealed by a caller', async () => {
  const { rows } = await rig.pool.query<{ sealed_card: string }>(
    'SELECT sealed_card FROM payment_intents',
  );
  for (const [index, { sealed_card: stolen }] of rows.entries()) {
    const answer = await rig.create(merchant, {
      reference: `STOLEN-${index}`,
      card: undefined,
      card_jwe: stolen,
    });
    expect(answer).toMatchObject({ status: 422 });
    expect(JSON.stringify(answer.body)).toContain('unsupported_header');
  }
  expect(rows.length).toBeGreaterThan(2);
});

describe('a card sealed by its caller', () => {
  it('is the same request when sealed again, and a different one instead of a card', async () => {
    const request = { reference: 'AGAIN', card: undefined };
    const first = await rig.create(merchant, { ...request, card_jwe: await sealedByCaller() });
    const again = await rig.create(merchant, { ...request, card_jwe: await sealedByCaller() });
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(again.body['id']).toBe(first.body['id']);
    const inClear = await rig.create(merchant, { reference: 'AGAIN' });
    expect(inClear).toMatchObject({ status: 409, body: { errors: [{ path: 'card' }] } });
  });

  it.each([
    ['that is malformed', { card: undefined, card_jwe: 'x' }, 'card_jwe invalid_format'],
    ['beside a card', { card_jwe: 'x' }, 'card_jwe not_allowed'],
    ['for a wallet', { card: undefined, card_jwe: 'x', method: 'WALLET' }, 'card_jwe not_allowed'],
  ])('is rejected %s, by name', async (_, changes, fault) => {
    const answer = await rig.create(merchant, { reference: 'WRONG', ...changes });
    expect(answer.status).toBe(422);
    const errors = answer.body['errors'] as { path: string; code: string }[];
    expect(errors.map(({ path, code }) => `${path} ${code}`)).toContain(fault);
  });
});
