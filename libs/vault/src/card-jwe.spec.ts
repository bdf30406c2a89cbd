// Goal: a caller's encrypted card is accepted only in the one form that the worker can decrypt, and
// only for its payment. Method: jose encrypts the card, as a caller would.
import { CompactEncrypt, importJWK, type JWK } from 'jose';
import { type Card, sealCard } from './card.js';
import { cardJweFault, sealCardJwe } from './card-jwe.js';
import { CardSecret } from './card-secret.js';
import { generateKeySets, type KeySetJson } from './new-keys.js';
import { type KeySet, parseKeySet, publicJwks } from './key-set.js';
import { sealedKids } from './sealed-header.js';
import { openStoredCard, resealCard } from './stored-card.js';
import { VaultError } from './vault-error.js';

const parsed = (json: KeySetJson): KeySet => parseKeySet(JSON.stringify(json));
const generated = generateKeySets();
const api = parsed(generated.api);
const worker = parsed(generated.worker);
const OBJECT = { number: '4012000033330026', cvv: '123', exp_month: '01', exp_year: '30' };

const readCallerCard = (value: unknown): Card | undefined => {
  const { number, cvv, exp_month, exp_year } = value as Partial<typeof OBJECT>;
  if (!number || !cvv || !exp_month || !exp_year) return undefined;
  const secrets = { number: new CardSecret(number), cvv: new CardSecret(cvv) };
  return { ...secrets, expMonth: exp_month, expYear: exp_year };
};
const open = async (stored: string, keys = worker, paymentId = 'pi_1') => {
  const opened = await openStoredCard(stored, { paymentId, keys, readCallerCard });
  return typeof opened === 'string' ? opened : opened.number.cardInClear();
};

async function sealedByCaller(
  object: unknown = OBJECT,
  header: Record<string, unknown> = {},
  jwk: JWK = publicJwks(api).keys[0] ?? {},
): Promise<string> {
  const key = await importJWK(jwk, 'ECDH-ES');
  return new CompactEncrypt(
    Buffer.from(typeof object === 'string' ? object : JSON.stringify(object)),
  )
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: String(jwk.kid), ...header })
    .encrypt(key);
}
const fault = async (jwe: string | Promise<string>) =>
  cardJweFault(await jwe, { keys: api, reference: 'ORD-1' });
const context = { paymentId: 'pi_1', keys: api };

describe('the form of a caller’s JWE', () => {
  it.each<[string, Record<string, unknown>]>([
    ['only the required parameters', {}],
    ['its reference', { sub: 'ORD-1' }],
    ['its own type', { typ: 'JOSE', cty: 'json' }],
  ])('is accepted with %s', async (_, header) => {
    expect(await fault(sealedByCaller(OBJECT, header))).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown key', { kid: 'other' }, 'unknown_key'],
    ['a wrapped key', { alg: 'ECDH-ES+A256KW' }, 'invalid_format'],
    ['another content encryption', { enc: 'A128GCM' }, 'unsupported_algorithm'],
    ['another reference', { sub: 'ORD-2' }, 'other_reference'],
    ['an unknown parameter', { colour: 'red' }, 'unsupported_header'],
    ['the type of our own JWEs', { typ: 'quittance-card' }, 'unsupported_header'],
  ])('is rejected with %s', async (_, header, code) => {
    expect(await fault(sealedByCaller(OBJECT, header))).toBe(code);
  });

  it('is rejected when it is not a JWE, too long, or in another spelling', async () => {
    const jwe = await sealedByCaller();
    const wrong = ['', 'x', 'a.b.c', `${jwe}.`, `${jwe}=`, ` ${jwe}`, jwe.replace('..', '.AA.')];
    for (const text of wrong) expect(await fault(text)).toBe('invalid_format');
    expect(await fault('x'.repeat(5_000))).toBe('too_big');
  });
});

describe('a caller’s card', () => {
  it('decrypts for its own payment, and names the keys that it needs', async () => {
    const stored = await sealCardJwe(await sealedByCaller(), context);
    expect(await open(stored)).toBe(OBJECT.number);
    const kid = publicJwks(api).keys[0]?.kid;
    expect(sealedKids(stored)).toEqual([kid, kid]);
    expect(sealedKids('no jwe')).toEqual([]);
  });

  it('does not decrypt for another payment', async () => {
    const stored = await sealCardJwe(await sealedByCaller(), context);
    await expect(open(stored, worker, 'pi_2')).rejects.toThrow(VaultError);
  });

  it('does not decrypt in the process that stored it', async () => {
    const stored = await sealCardJwe(await sealedByCaller(), context);
    await expect(open(stored, api)).rejects.toThrow(VaultError);
  });

  it.each<[string, () => Promise<string>, string]>([
    ['that is not a card', () => sealedByCaller({ number: '1' }), 'card_invalid'],
    ['that is not JSON', () => sealedByCaller('4012000033330026'), 'card_invalid'],
    [
      'encrypted for another key under our key id',
      () => {
        const [mine] = publicJwks(api).keys;
        const [other] = publicJwks(parsed(generateKeySets().api)).keys;
        return sealedByCaller(OBJECT, {}, { ...other, kid: String(mine?.kid) });
      },
      'card_unreadable',
    ],
  ])('%s is permanently unusable', async (_, seal, reason) => {
    const stored = await sealCardJwe(await seal(), context);
    expect(await open(stored)).toBe(reason);
  });

  it('waits for a process that has its key', async () => {
    const next = generateKeySets();
    const both = parsed({ cards: [...(next.api.cards ?? []), ...(generated.api.cards ?? [])] });
    const stored = await sealCardJwe(await sealedByCaller(), { ...context, keys: both });
    await expect(open(stored, parsed(next.worker))).rejects.toThrow(VaultError);
  });
});

describe('resealing', () => {
  const next = generateKeySets();
  const rotated = parsed({
    cards: [...(next.worker.cards ?? []), ...(generated.worker.cards ?? [])],
  });
  const afterwards = parsed(next.worker);

  it('returns a card unchanged when the active key encrypted it', async () => {
    const stored = await sealCardJwe(await sealedByCaller(), context);
    expect(await resealCard(stored, { paymentId: 'pi_1', keys: worker })).toBe(stored);
  });

  it.each<[string, () => Promise<string>]>([
    [
      'a card',
      () =>
        sealCard(
          {
            number: new CardSecret(OBJECT.number),
            cvv: new CardSecret('123'),
            expMonth: '01',
            expYear: '30',
          },
          context,
        ),
    ],
    ['a caller’s card', async () => sealCardJwe(await sealedByCaller(), context)],
    [
      'a caller’s card for the previous key, inside a JWE for the new one',
      async () => sealCardJwe(await sealedByCaller(), { ...context, keys: rotated }),
    ],
  ])('%s no longer needs the retired key', async (_, seal) => {
    const resealed = await resealCard(await seal(), { paymentId: 'pi_1', keys: rotated });
    expect(sealedKids(resealed)).toEqual([afterwards.cards[0]?.kid]);
    expect(await open(resealed, afterwards)).toBe(OBJECT.number);
    await expect(open(resealed, afterwards, 'pi_2')).rejects.toThrow(VaultError);
    // A second rotation reseals the card that the first one took out of the caller's JWE.
    const third = generateKeySets();
    const keys = parsed({ cards: [...(third.worker.cards ?? []), ...(next.worker.cards ?? [])] });
    const again = await resealCard(resealed, { paymentId: 'pi_1', keys });
    expect(await open(again, parsed(third.worker))).toBe(OBJECT.number);
  });
});
