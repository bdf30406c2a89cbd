// What callers get wrong, with the card in every place where it does not belong.
import { wire } from './witness.mjs';

const PATH = '/v1/payment-intents';

/** Create requests. */
function creations(witness, card) {
  const { number, cvv } = card;
  const whole = witness.request('wrong-x', card);
  const json = JSON.stringify(whole);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const named = { prefer: number, 'x-request-id': number, 'user-agent': number };
  const bodies = [
    json.slice(0, -1),
    `${json}${json}`,
    { ...whole, padding: json.repeat(400) },
    { ...whole, [number]: number },
    { ...whole, metadata: { note: `card ${number}` } },
    { ...whole, metadata: { [number]: 'x' } },
    { ...whole, reference: `A${number}` },
    { ...whole, product_name: number.replaceAll(/(\d{4})/g, '$1 ') },
    { ...whole, customer: { name: number, email: `${number}@example.com` } },
    { ...whole, return_url: `https://shop.example/?card=${number}` },
    { ...whole, card: number },
    { ...whole, card: { ...wire(card), number: Number(number) } },
    { ...whole, card: { ...wire(card), number: `${number}0000` } },
    { ...whole, card: { ...wire(card), cvv: `${cvv}99` } },
    { ...whole, card: { ...wire(card), exp_year: '01' } },
    { ...whole, terminal: number },
  ].map((body) => ({ body }));
  return [
    ...bodies,
    { body: json, headers: { 'content-type': 'text/plain' } },
    { body: new URLSearchParams({ ccno: number }).toString(), headers: form },
    { body: whole, headers: { authorization: `Bearer ${number}` } },
    { body: whole, headers: named },
  ].map((options) => ['POST', PATH, options]);
}

/** Resolves with the HTTP statuses. */
export async function mistakes(witness, card) {
  const { number } = card;
  const tries = [
    ...creations(witness, card),
    ['GET', `${PATH}/${number}`],
    ['GET', `${PATH}?reference=${number}`],
    ['GET', `${PATH}?cursor=${number}`],
    ['GET', `/v1/refunds/${number}`],
    ['POST', `${PATH}/${number}/refunds`, { body: { reference: number } }],
    ['PUT', `/${number}?ccno=${number}`],
  ];
  const statuses = [];
  for (const [method, where, options] of tries)
    statuses.push((await witness.ask(method, where, options)).status);
  return statuses;
}

/** Refunds of a payment, asked for with its card's number. Resolves with the HTTP statuses. */
export async function refundMistakes(witness, card) {
  const { number } = card;
  const reference = 'no-refund-x';
  await witness.create(reference, card);
  const { id } = await witness.payment(reference);
  const bodies = [
    { reference: `R${number}` },
    { reference: 'R-1', reason: `card ${number.replaceAll(/(\d{4})/g, '$1 ')}` },
    { reference: 'R-1', amount: number },
    { reference: 'R-1', [number]: number },
    { reference: 'R-1', card: wire(card) },
    JSON.stringify({ reference: number }).slice(0, -1),
  ];
  const statuses = [];
  for (const body of bodies)
    statuses.push((await witness.ask('POST', `${PATH}/${id}/refunds`, { body })).status);
  return statuses;
}
