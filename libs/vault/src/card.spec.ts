// Goal: an encrypted card decrypts for its own payment with the right key, and in no other case.
// Method: properties over cards and over every way to change an encrypted one.
import fc from 'fast-check';
import { openCallback, sealCallback } from './callback.js';
import { type Card, openCard, sealCard } from './card.js';
import { CardSecret } from './card-secret.js';
import { generateKeySets, type KeySetJson } from './new-keys.js';
import { type KeySet, KeySetError, parseKeySet } from './key-set.js';
import { openSecret, sealSecret } from './terminal-secret.js';
import { VaultError } from './vault-error.js';

const parsed = (json: KeySetJson): KeySet => parseKeySet(JSON.stringify(json));
const generated = generateKeySets();
const api = parsed(generated.api);
const worker = parsed(generated.worker);
const webhook = parsed(generated.webhook);

const digits = (minLength: number, maxLength: number) =>
  fc.stringMatching(new RegExp(`^\\d{${minLength},${maxLength}}$`));
const cards: fc.Arbitrary<Card> = fc.record({
  number: digits(12, 19).map((text) => new CardSecret(text)),
  cvv: digits(3, 4).map((text) => new CardSecret(text)),
  expMonth: digits(2, 2),
  expYear: digits(2, 4),
});
const card: Card = {
  number: new CardSecret('4012000033330026'),
  cvv: new CardSecret('123'),
  expMonth: '01',
  expYear: '30',
};
const clear = ({ number, cvv, ...expiry }: Card) => ({
  number: number.cardInClear(),
  cvv: cvv.cardInClear(),
  ...expiry,
});

describe('an encrypted card', () => {
  it('decrypts for its own payment', async () => {
    await fc.assert(
      fc.asyncProperty(cards, fc.string({ minLength: 1 }), async (anyCard, paymentId) => {
        const jwe = await sealCard(anyCard, { paymentId, keys: api });
        expect(clear(await openCard(jwe, { paymentId, keys: worker }))).toEqual(clear(anyCard));
      }),
    );
  });

  it('does not decrypt for another payment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (owner, other) => {
        fc.pre(owner !== other);
        const jwe = await sealCard(card, { paymentId: owner, keys: api });
        await expect(openCard(jwe, { paymentId: other, keys: worker })).rejects.toThrow(VaultError);
      }),
    );
  });

  it('does not decrypt with any one character changed', async () => {
    const jwe = await sealCard(card, { paymentId: 'pi_1', keys: api });
    for (let index = 0; index < jwe.length; index += 1) {
      const changed = jwe[index] === 'A' ? 'B' : 'A';
      const tampered = jwe.slice(0, index) + changed + jwe.slice(index + 1);
      await expect(openCard(tampered, { paymentId: 'pi_1', keys: worker })).rejects.toThrow(
        VaultError,
      );
    }
  });

  it('does not decrypt when it is truncated, extended or respelled', async () => {
    const jwe = await sealCard(card, { paymentId: 'pi_1', keys: api });
    const spellings = [`${jwe}=`, `${jwe}.`, ` ${jwe}`, `${jwe}\n`, jwe.replace('..', '.AA.')];
    const cuts = Array.from(jwe, (_, length) => jwe.slice(0, length));
    for (const tampered of [...spellings, ...cuts]) {
      await expect(openCard(tampered, { paymentId: 'pi_1', keys: worker })).rejects.toThrow(
        VaultError,
      );
    }
  });

  it('does not decrypt with parts of another encrypted card', async () => {
    const first = (await sealCard(card, { paymentId: 'pi_1', keys: api })).split('.');
    const second = (await sealCard(card, { paymentId: 'pi_1', keys: api })).split('.');
    for (const part of [0, 2, 3, 4]) {
      const mixed = first.with(part, second[part] ?? '').join('.');
      await expect(openCard(mixed, { paymentId: 'pi_1', keys: worker })).rejects.toThrow(
        VaultError,
      );
    }
  });

  it('never shows the card, and is different each time', async () => {
    const jwe = await sealCard(card, { paymentId: 'pi_1', keys: api });
    const bytes = jwe.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect(bytes.join()).not.toContain(card.number.cardInClear());
    expect(await sealCard(card, { paymentId: 'pi_1', keys: api })).not.toBe(jwe);
  });

  it.each([
    ['the api, which encrypts', api],
    ['the webhook', webhook],
    ['a worker with other keys', parsed(generateKeySets().worker)],
    ['a process without keys', parseKeySet('{}')],
  ])('does not decrypt for %s', async (_, keys) => {
    const jwe = await sealCard(card, { paymentId: 'pi_1', keys: api });
    await expect(openCard(jwe, { paymentId: 'pi_1', keys })).rejects.toThrow(VaultError);
  });

  it('decrypts with a retired key, while the active key encrypts new cards', async () => {
    const next = generateKeySets();
    const rotated = parsed({
      cards: [...(next.worker.cards ?? []), ...(generated.worker.cards ?? [])],
    });
    const old = await sealCard(card, { paymentId: 'pi_1', keys: api });
    expect(clear(await openCard(old, { paymentId: 'pi_1', keys: rotated }))).toEqual(clear(card));
    const fresh = await sealCard(card, { paymentId: 'pi_1', keys: rotated });
    await expect(openCard(fresh, { paymentId: 'pi_1', keys: worker })).rejects.toThrow(VaultError);
    const opened = await openCard(fresh, { paymentId: 'pi_1', keys: parsed(next.worker) });
    expect(clear(opened)).toEqual(clear(card));
  });

  it('requires a key, which the error names', async () => {
    await expect(sealCard(card, { paymentId: 'pi_1', keys: parseKeySet('{}') })).rejects.toThrow(
      new KeySetError('this process has no cards key'),
    );
  });
});

describe('purposes', () => {
  const operator = parsed(generated.operator);

  it('decrypt a terminal secret for its own terminal only', async () => {
    const jwe = await sealSecret('s3cret', { terminalId: 'ter_1', keys: operator });
    expect(await openSecret(jwe, { terminalId: 'ter_1', keys: worker })).toBe('s3cret');
    expect(await openSecret(jwe, { terminalId: 'ter_1', keys: webhook })).toBe('s3cret');
    await expect(openSecret(jwe, { terminalId: 'ter_2', keys: worker })).rejects.toThrow(
      VaultError,
    );
    await expect(openSecret(jwe, { terminalId: 'ter_1', keys: operator })).rejects.toThrow(
      VaultError,
    );
  });

  it('pass callbacks from the webhook to the worker, and to no other process', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        const jwe = await sealCallback(bytes, { paymentId: 'pi_1', keys: webhook });
        for (const keys of [webhook, worker]) {
          const opened = await openCallback(jwe, { paymentId: 'pi_1', keys });
          expect(new Uint8Array(opened)).toEqual(bytes);
        }
        for (const keys of [api, operator]) {
          await expect(openCallback(jwe, { paymentId: 'pi_1', keys })).rejects.toThrow(VaultError);
        }
      }),
    );
  });

  it('are separate: an encrypted callback does not decrypt as a terminal secret', async () => {
    const jwe = await sealCallback('s3cret', { paymentId: 'pi_1', keys: webhook });
    await expect(openSecret(jwe, { terminalId: 'pi_1', keys: worker })).rejects.toThrow(VaultError);
  });
});
