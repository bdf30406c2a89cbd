// Goal: a process gets only the keys it needs, and the error about an invalid key set names the
// fault without showing a key.
import { inspect } from 'node:util';
import { generateKeySets } from './new-keys.js';
import { KeySetError, parseKeySet, publicJwks } from './key-set.js';

const sets = generateKeySets();
const cardsKey = sets.worker.cards?.[0] ?? {};
const tokenKey = sets.worker.callbackTokens?.[0] ?? {};
const returnKey = sets.api.returnTokens?.[0] ?? {};
const privatePart = String(cardsKey['d']);

describe('generated key sets', () => {
  it('give the operator no private key, and the api none that opens a card', () => {
    const membersOf = (set: object) =>
      Object.entries(set).map(([list, jwks]: [string, object[]]) => [
        list,
        jwks.map((jwk) => Object.keys(jwk).join()),
      ]);
    expect(membersOf(sets.operator)).toEqual([
      ['terminalSecrets', ['kty,crv,x,kid']],
      ['dropInSecrets', ['kty,crv,x,kid']],
    ]);
    expect(membersOf(sets.api)).toEqual([
      ['cards', ['kty,crv,x,kid']],
      ['dropInSecrets', ['kty,crv,x,d,kid']],
      ['returnTokens', ['kty,crv,x,d,kid']],
    ]);
  });

  it('give the webhook terminal secrets and tokens, but no private cards key', () => {
    const webhook = parseKeySet(JSON.stringify(sets.webhook));
    expect(webhook.cards.map((key) => key.open)).toEqual([undefined]);
    expect(webhook.terminalSecrets[0]?.open).toBeDefined();
    expect(webhook.callbackTokens).toHaveLength(1);
  });

  it('are different each time', () => {
    expect(generateKeySets().worker.cards?.[0]?.['x']).not.toBe(cardsKey['x']);
  });
});

describe('a parsed key set', () => {
  it('shows no key when it is printed', () => {
    const keys = parseKeySet(JSON.stringify(sets.worker));
    const printed = inspect(keys, { depth: 9, showHidden: true }) + JSON.stringify(keys);
    for (const jwk of Object.values(sets.worker).flat()) {
      for (const part of ['d', 'k']) expect(printed).not.toContain(jwk[part] ?? 'nothing');
    }
  });
});

describe('an invalid key set', () => {
  const cards = (jwk: object) => JSON.stringify({ cards: [jwk] });
  const tokens = (jwk: object) => JSON.stringify({ callbackTokens: [jwk] });
  const returns = (jwk: object) => JSON.stringify({ returnTokens: [jwk] });

  it.each([
    ['invalid JSON', `{"cards": ${privatePart}`, 'the key set is not JSON'],
    ['a list', '[]', 'the key set is not a JSON object'],
    ['an unknown list', '{"card": []}', 'a key set has the lists cards'],
    ['a list that is not an array', '{"cards": {}}', 'cards is not a list'],
    ['a key that is not an object', '{"cards": ["x"]}', 'cards[0] is not a JSON Web Key'],
    ['a key without a kid', cards({ ...cardsKey, kid: '' }), 'cards[0] has no kid'],
    [
      'a key on another curve',
      cards({ ...cardsKey, crv: 'Ed25519' }),
      'cards[0] is not an OKP key on X25519',
    ],
    ['a key of the wrong length', cards({ ...cardsKey, x: 'AAAA' }), 'is not a valid X25519 key'],
    [
      'halves of two pairs',
      cards({ ...cardsKey, x: sets.operator.terminalSecrets?.[0]?.['x'] }),
      'is not a valid X25519 key',
    ],
    [
      'a private half that is not a string',
      cards({ ...cardsKey, d: 7 }),
      'is not a valid X25519 key',
    ],
    [
      'one kid for two keys',
      JSON.stringify({ cards: [cardsKey, cardsKey] }),
      'cards has two keys with one kid',
    ],
    [
      'a signing key without its private half',
      returns({ ...returnKey, d: undefined }),
      'returnTokens[0] is not an OKP key on Ed25519 with its private half',
    ],
    [
      'a signing key for encryption',
      returns(cardsKey),
      'returnTokens[0] is not an OKP key on Ed25519',
    ],
    [
      'a signing key of two pairs',
      returns({ ...returnKey, x: cardsKey['x'] }),
      'is not a valid Ed25519 key',
    ],
    ['a token key of another type', tokens(cardsKey), 'callbackTokens[0] is not an oct key'],
    ['a short token key', tokens({ ...tokenKey, k: 'AAAA' }), 'is not 32 bytes long'],
  ])('is rejected: %s', (_, json, message) => {
    let error: unknown;
    try {
      parseKeySet(json);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(KeySetError);
    expect(String(error)).toContain(message);
    expect(inspect(error)).not.toContain(privatePart.slice(0, 8));
  });
});

describe('the public JWK set', () => {
  it('contains the public halves of the active cards key and of every key of return tokens', () => {
    const { kid, x } = cardsKey;
    const next = generateKeySets().api.returnTokens?.[0] ?? {};
    const api = { ...sets.api, returnTokens: [returnKey, { ...next, prepared: true }] };
    const { keys } = publicJwks(parseKeySet(JSON.stringify(api)));
    const signing = [returnKey, next].map((jwk) => {
      const { d: _private, ...rest } = jwk as Record<string, unknown>;
      return { ...rest, use: 'sig', alg: 'EdDSA' };
    });
    expect(keys).toEqual([
      { kty: 'OKP', crv: 'X25519', x, kid, use: 'enc', alg: 'ECDH-ES' },
      ...signing,
    ]);
  });
});
