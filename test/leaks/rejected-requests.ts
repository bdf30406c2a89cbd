// Callers' mistakes, with the card in every place where it does not belong.
import {
  cardFields,
  PAYMENTS_PATH,
  type RecordingCaller,
  type RequestOptions,
} from './recording-caller.js';
import type { CanaryCard } from './canaries.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const inGroups = (number: string) => number.replaceAll(/(\d{4})/g, '$1 ');

function createRequests(caller: RecordingCaller, card: CanaryCard): RequestOptions[] {
  const { number, cvv } = card;
  const whole = caller.request('wrong-x', card);
  const json = JSON.stringify(whole);
  const inHeaders = { prefer: number, 'x-request-id': number, 'user-agent': number };
  const bodies = [
    json.slice(0, -1),
    `${json}${json}`,
    { ...whole, padding: json.repeat(400) },
    { ...whole, [number]: number },
    { ...whole, metadata: { note: `card ${number}` } },
    { ...whole, metadata: { [number]: 'x' } },
    { ...whole, reference: `A${number}` },
    { ...whole, product_name: inGroups(number) },
    { ...whole, customer: { name: number, email: `${number}@example.com` } },
    { ...whole, return_url: `https://shop.example/?card=${number}` },
    { ...whole, card: number },
    { ...whole, card: { ...cardFields(card), number: Number(number) } },
    { ...whole, card: { ...cardFields(card), number: `${number}0000` } },
    { ...whole, card: { ...cardFields(card), cvv: `${cvv}99` } },
    { ...whole, card: { ...cardFields(card), exp_year: '01' } },
    { ...whole, terminal: number },
  ];
  return [
    ...bodies.map((body) => ({ body })),
    { body: json, headers: { 'content-type': 'text/plain' } },
    { body: new URLSearchParams({ ccno: number }).toString(), headers: FORM },
    { body: whole, headers: { authorization: `Bearer ${number}` } },
    { body: whole, headers: inHeaders },
  ];
}

/** A batch with the card in every wrong place, alone in a line and beside others. */
function batchRequests(caller: RecordingCaller, card: CanaryCard): RequestOptions[] {
  const { number } = card;
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const lines = createRequests(caller, card).map(({ body }) =>
    typeof body === 'string' ? body : JSON.stringify(body ?? null),
  );
  const tooLong = `"${number.repeat(5_000)}"`;
  return [
    { body: [...lines, tooLong, number].join('\n'), headers: { ...ndjson, 'batch-id': 'wrong' } },
    { body: number, headers: { ...ndjson, 'batch-id': number } },
    { body: number, headers: { ...ndjson, 'first-line': number } },
  ];
}

/** Requests about payments; resolves with the HTTP statuses. */
export function rejectedRequests(caller: RecordingCaller, card: CanaryCard): Promise<number[]> {
  const { number } = card;
  return caller.statusesOf([
    ...createRequests(caller, card).map((options) => ['POST', PAYMENTS_PATH, options] as const),
    ...batchRequests(caller, card).map(
      (options) => ['POST', `${PAYMENTS_PATH}/batch`, options] as const,
    ),
    ['GET', `/v1/batches/${number}`],
    ['GET', `${PAYMENTS_PATH}/${number}`],
    ['GET', `${PAYMENTS_PATH}?reference=${number}`],
    ['GET', `${PAYMENTS_PATH}?cursor=${number}`],
    ['GET', `/v1/refunds/${number}`],
    ['GET', `/v1/refunds?reference=${number}`],
    ['GET', `/v1/events?type=${number}`],
    ['POST', `${PAYMENTS_PATH}/${number}/refunds`, { body: { reference: number } }],
    ['PUT', `/${number}?ccno=${number}`],
  ]);
}

/** Refunds of a payment, with the number of its card; resolves with the HTTP statuses. */
export async function rejectedRefunds(
  caller: RecordingCaller,
  card: CanaryCard,
): Promise<number[]> {
  const { number } = card;
  const reference = 'no-refund-x';
  await caller.create(reference, card);
  const { id } = await caller.payment(reference);
  const bodies = [
    { reference: `R${number}` },
    { reference: 'R-1', reason: `card ${inGroups(number)}` },
    { reference: 'R-1', amount: number },
    { reference: 'R-1', [number]: number },
    { reference: 'R-1', card: cardFields(card) },
    JSON.stringify({ reference: number }).slice(0, -1),
  ];
  return caller.statusesOf(
    bodies.map((body) => ['POST', `${PAYMENTS_PATH}/${id}/refunds`, { body }]),
  );
}
