// Cards that the caller sealed itself (`card_jwe`), their refunds, and what callers get wrong with both.
import { CompactEncrypt, importJWK } from 'jose';
import { inParallel } from '../chaos/waiting.ts';
import { settlesAs } from './gateway-words.mjs';
import { TERMINALS, wire } from './witness.mjs';

const PATH = '/v1/payment-intents';

/** As docs/security.md shows to callers, but of any content and with any header, because mistakes are sealed as well. */
async function sealerFor(witness) {
  const { text } = await witness.ask('GET', '/.well-known/jwks.json');
  const [jwk] = JSON.parse(text).keys;
  const key = await importJWK(jwk, 'ECDH-ES');
  return (content, header = {}) =>
    new CompactEncrypt(new TextEncoder().encode(JSON.stringify(content)))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: jwk.kid, ...header })
      .encrypt(key);
}

/** A create request that holds the card as a JWE only. */
export async function sealedRequest(witness, reference, card, more = {}) {
  const seal = await sealerFor(witness);
  const { card: _clear, ...rest } = witness.request(reference, card, more);
  return { ...rest, card_jwe: await seal(wire(card), { sub: reference }) };
}

/** Pays with each terminal and gives each payment back. Resolves with the statuses of the payments and of their refunds. */
export async function sealedAndRefunded(witness, card) {
  const seen = await inParallel(TERMINALS, TERMINALS.length, async (terminal) => {
    const reference = `sealed-${terminal}`;
    await witness.sandbox.acquirer({ match: { reference }, ...settlesAs('1') });
    const body = await sealedRequest(witness, reference, card, { terminal });
    await witness.ask('POST', PATH, { body, headers: { prefer: 'wait=2' } });
    const paid = await witness.settled(reference, 'succeeded');
    return [paid, await refunded(witness, reference)];
  });
  return seen.flat();
}

/** Asks for a refund, which the gateway's people complete; the status of the refund once they did. */
async function refunded(witness, reference) {
  const { id } = await witness.payment(reference);
  const path = `${PATH}/${id}/refunds`;
  const body = { reference: `${reference}-rf`, reason: 'Damaged in transit' };
  const asked = await witness.ask('POST', path, { body, headers: { prefer: 'wait=5' } });
  const refund = JSON.parse(asked.text);
  await witness.settled(reference, 'refund_pending');
  await witness.sandbox.completeRefund(reference);
  await witness.ask('GET', `${PATH}/${id}/timeline`);
  return JSON.parse((await witness.ask('GET', `/v1/refunds/${refund.id}`)).text).status;
}

/** Sealed wrongly, or with the number outside of the seal. Resolves with the HTTP statuses. */
export async function sealedMistakes(witness, card) {
  const seal = await sealerFor(witness);
  const { number } = card;
  const { card: clear, ...rest } = witness.request('sealed-wrong', card);
  const jwe = await seal(clear);
  const readable = Buffer.from(JSON.stringify(clear)).toString('base64url');
  const wrong = [
    { card_jwe: JSON.stringify(clear) },
    { card_jwe: readable },
    { card_jwe: `${readable}..${readable}.${readable}.${readable}` },
    { card_jwe: `${jwe}${number}` },
    { card_jwe: await seal(clear, { kid: number }) },
    { card_jwe: await seal(clear, { sub: number }) },
    { card_jwe: await seal(clear, { note: number }) },
    { card_jwe: jwe, card: clear },
    { card_jwe: clear },
  ];
  const statuses = [];
  for (const part of wrong)
    statuses.push((await witness.ask('POST', PATH, { body: { ...rest, ...part } })).status);
  return statuses;
}

/** Well sealed, but no card within that the worker would send. Resolves with the statuses the payments end in. */
export async function sealedRubbish(witness, card) {
  const seal = await sealerFor(witness);
  const { number } = card;
  const contents = [
    { ...wire(card), number: `${number}0000` },
    { ...wire(card), number: Number(number) },
    { ...wire(card), [number]: number },
    [number],
    number,
  ];
  return inParallel(contents, contents.length, async (content, at) => {
    const reference = `rubbish-${at}-x`;
    const { card: _clear, ...rest } = witness.request(reference, card);
    const body = { ...rest, card_jwe: await seal(content) };
    await witness.ask('POST', PATH, { body });
    return witness.settled(reference);
  });
}
