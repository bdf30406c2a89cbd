// Goal: a card that its caller sealed is taken only in the one form we can open, for the one
// payment it came with. Method: jose seals, as a caller would.
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
    ['nothing more than it needs', {}],
    ['the reference it is for', { sub: 'ORD-1' }],
    ['a type of its own', { typ: 'JOSE', cty: 'json' }],
  ])('is taken with %s', async (_, header) => {
    expect(await fault(sealedByCaller(OBJECT, header))).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a key nobody knows', { kid: 'other' }, 'unknown_key'],
    ['a wrapped key', { alg: 'ECDH-ES+A256KW' }, 'invalid_format'],
    ['another content encryption', { enc: 'A128GCM' }, 'unsupported_algorithm'],
    ['another reference', { sub: 'ORD-2' }, 'other_reference'],
    ['a parameter of its own', { colour: 'red' }, 'unsupported_header'],
    ['the type of our own seals', { typ: 'quittance-card' }, 'unsupported_header'],
  ])('is refused with %s', async (_, header, code) => {
    expect(await fault(sealedByCaller(OBJECT, header))).toBe(code);
  });

  it('is refused when it is no JWE, too long, or spelled otherwise', async () => {
    const jwe = await sealedByCaller();
    const wrong = ['', 'x', 'a.b.c', `${jwe}.`, `${jwe}=`, ` ${jwe}`, jwe.replace('..', '.AA.')];
    for (const text of wrong) expect(await fault(text)).toBe('invalid_format');
    expect(await fault('x'.repeat(5_000))).toBe('too_big');
  });
});

describe('a caller’s card', () => {
  it('opens for the payment it came with, and says which keys it needs', async () => {
    const stored = await sealCardJwe(await sealedByCaller(), context);
    expect(await open(stored)).toBe(OBJECT.number);
    const kid = publicJwks(api).keys[0]?.kid;
    expect(sealedKids(stored)).toEqual([kid, kid]);
    expect(sealedKids('no jwe')).toEqual([]);
  });

  it('moved to another payment does not open', async () => {
    const stored = await sealCardJwe(await sealedByCaller(), context);
    await expect(open(stored, worker, 'pi_2')).rejects.toThrow(VaultError);
  });

  it('does not open for who stored it', async () => {
    const stored = await sealCardJwe(await sealedByCaller(), context);
    await expect(open(stored, api)).rejects.toThrow(VaultError);
  });

  it.each<[string, () => Promise<string>, string]>([
    ['that is no card', () => sealedByCaller({ number: '1' }), 'card_invalid'],
    ['that is not even JSON', () => sealedByCaller('4012000033330026'), 'card_invalid'],
    [
      'sealed to somebody else under our name',
      () => {
        const [mine] = publicJwks(api).keys;
        const [other] = publicJwks(parsed(generateKeySets().api)).keys;
        return sealedByCaller(OBJECT, {}, { ...other, kid: String(mine?.kid) });
      },
      'card_unreadable',
    ],
  ])('%s is none, for good', async (_, seal, reason) => {
    const stored = await sealCardJwe(await seal(), context);
    expect(await open(stored)).toBe(reason);
  });

  it('waits for a process that has its key, rather than be given up', async () => {
    const next = generateKeySets();
    const both = parsed({ cards: [...(next.api.cards ?? []), ...(generated.api.cards ?? [])] });
    const stored = await sealCardJwe(await sealedByCaller(), { ...context, keys: both });
    await expect(open(stored, parsed(next.worker))).rejects.toThrow(VaultError);
  });
});

describe('sealing anew', () => {
  const next = generateKeySets();
  const rotated = parsed({
    cards: [...(next.worker.cards ?? []), ...(generated.worker.cards ?? [])],
  });
  const afterwards = parsed(next.worker);

  it('leaves what the active key has sealed as it is', async () => {
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
      'a caller’s card sealed to the key before, under the new one',
      async () => sealCardJwe(await sealedByCaller(), { ...context, keys: rotated }),
    ],
  ])('%s makes the retired key unneeded', async (_, seal) => {
    const resealed = await resealCard(await seal(), { paymentId: 'pi_1', keys: rotated });
    expect(sealedKids(resealed)).toEqual([afterwards.cards[0]?.kid]);
    expect(await open(resealed, afterwards)).toBe(OBJECT.number);
    await expect(open(resealed, afterwards, 'pi_2')).rejects.toThrow(VaultError);
    // And once more: what was taken out of its caller's seal can be sealed anew again.
    const third = generateKeySets();
    const keys = parsed({ cards: [...(third.worker.cards ?? []), ...(next.worker.cards ?? [])] });
    const again = await resealCard(resealed, { paymentId: 'pi_1', keys });
    expect(await open(again, parsed(third.worker))).toBe(OBJECT.number);
  });
});
