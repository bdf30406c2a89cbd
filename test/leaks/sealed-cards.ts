// Cards that the caller encrypted (`card_jwe`): their payments and refunds, and the mistakes that
// callers make with them.
import { CompactEncrypt, importJWK, type JWK } from 'jose';
import { inParallel } from '../chaos/waiting.js';
import { cardFields, PAYMENTS_PATH, TERMINALS, type RecordingCaller } from './recording-caller.js';
import type { CanaryCard } from './canaries.js';

const SETTLES_MS = 50;

/** A script of the acquirer: pending in the reply, this code by a callback soon after. */
export const settlesAs = (code: string) => ({
  reply: '0',
  settle: { order_status: code, after_ms: SETTLES_MS },
  times: 1,
});

/**
 * Encrypts as docs/security.md shows to callers, but any content and with any header, because
 * mistakes are encrypted as well.
 */
export async function sealerFor(caller: RecordingCaller) {
  const { text } = await caller.send('GET', '/.well-known/jwks.json');
  const [jwk] = (JSON.parse(text) as { keys: JWK[] }).keys;
  if (jwk?.kid === undefined) throw new Error('the api publishes no key for cards');
  const { kid } = jwk;
  const key = await importJWK(jwk, 'ECDH-ES');
  return (content: unknown, header: object = {}) =>
    new CompactEncrypt(new TextEncoder().encode(JSON.stringify(content)))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid, ...header })
      .encrypt(key);
}

/** A create request that contains the card as a JWE only. */
export async function sealedRequest(
  caller: RecordingCaller,
  reference: string,
  card: CanaryCard,
  more: object = {},
) {
  const seal = await sealerFor(caller);
  const { card: _clear, ...rest } = caller.request(reference, card, more);
  return { ...rest, card_jwe: await seal(cardFields(card), { sub: reference }) };
}

/** Pays with each terminal and refunds; resolves with the statuses of the payments and refunds. */
export async function sealedPaymentsAndRefunds(
  caller: RecordingCaller,
  card: CanaryCard,
): Promise<string[]> {
  const statuses = await inParallel(TERMINALS, TERMINALS.length, async (terminal) => {
    const reference = `sealed-${terminal}`;
    await caller.sandbox.acquirer({ match: { reference }, ...settlesAs('1') });
    const body = await sealedRequest(caller, reference, card, { terminal });
    await caller.send('POST', PAYMENTS_PATH, { body, headers: { prefer: 'wait=2' } });
    const paid = await caller.settled(reference, 'succeeded');
    return [paid, await refundStatus(caller, reference)];
  });
  return statuses.flat();
}

/** Refunds a payment, and resolves with the refund's status once the gateway has completed it. */
async function refundStatus(caller: RecordingCaller, reference: string): Promise<string> {
  const { id } = await caller.payment(reference);
  const path = `${PAYMENTS_PATH}/${id}/refunds`;
  const body = { reference: `${reference}-rf`, reason: 'Damaged in transit' };
  const response = await caller.send('POST', path, { body, headers: { prefer: 'wait=5' } });
  const refund = JSON.parse(response.text) as { id: string };
  await caller.settled(reference, 'refund_pending');
  await caller.sandbox.completeRefund(reference);
  await caller.send('GET', `${PAYMENTS_PATH}/${id}/timeline`);
  const { text } = await caller.send('GET', `/v1/refunds/${refund.id}`);
  return (JSON.parse(text) as { status: string }).status;
}

/** Wrong encryption, or the number outside of it; resolves with the HTTP statuses. */
export async function rejectedSealedCards(
  caller: RecordingCaller,
  card: CanaryCard,
): Promise<number[]> {
  const seal = await sealerFor(caller);
  const { number } = card;
  const { card: clear, ...rest } = caller.request('sealed-wrong', card);
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
  return caller.statusesOf(
    wrong.map((part) => ['POST', PAYMENTS_PATH, { body: { ...rest, ...part } }]),
  );
}

/** Well encrypted, but no card that the worker sends; resolves with the payments' last statuses. */
export async function unusableSealedCards(
  caller: RecordingCaller,
  card: CanaryCard,
): Promise<string[]> {
  const seal = await sealerFor(caller);
  const { number } = card;
  const contents = [
    { ...cardFields(card), number: `${number}0000` },
    { ...cardFields(card), number: Number(number) },
    { ...cardFields(card), [number]: number },
    [number],
    number,
  ];
  return inParallel(contents, contents.length, async (content, at) => {
    const reference = `unusable-${at}-x`;
    const { card: _clear, ...rest } = caller.request(reference, card);
    const body = { ...rest, card_jwe: await seal(content) };
    await caller.send('POST', PAYMENTS_PATH, { body });
    return caller.settled(reference);
  });
}
