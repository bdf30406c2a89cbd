// Requests in the gateway's form, with the card where it belongs and where it does not, and the
// callbacks that are forwarded for them.
import { type GatewayForm, openGatewayForm } from '../chaos/gateway-form.js';
import { json, ScriptedGateway } from '../support/scripted-gateway.js';
import type { CanaryCard } from './canaries.js';
import type { RecordingCaller, RequestOptions } from './recording-caller.js';
import { settlesAs } from './sealed-cards.js';

const PATH = '/api/s2s';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const MULTIPART = { 'content-type': 'multipart/form-data; boundary=b' };
const inGroups = (number: string) => number.replaceAll(/(\d{4})/g, '$1 ');

type Fields = Readonly<Record<string, string>>;
const formOf = (fields: Fields) => new URLSearchParams({ ...fields }).toString();
const multipartOf = (fields: Fields) =>
  Object.entries(fields)
    .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}`)
    .concat('--b--')
    .join('\r\n');

/** The merchant's service: its access, and its webhook. */
interface Service {
  readonly access: GatewayForm;
  readonly webhook: ScriptedGateway;
}

function fieldsOf({ access, webhook }: Service, reference: string, card: CanaryCard): Fields {
  return {
    public_key: access.publicKey,
    reference,
    bill_amt: '11.11',
    bill_currency: 'EUR',
    product_name: 'Two tickets',
    mop: 'CC',
    ccno: card.number,
    ccvv: card.cvv,
    month: '01',
    year: '30',
    return_url: `${webhook.url}/return`,
    webhook_url: `${webhook.url}/callback`,
  };
}

/** A payment in each encoding. Resolves with the HTTP statuses, once their callbacks have come. */
async function payments(
  caller: RecordingCaller,
  service: Service,
  card: CanaryCard,
): Promise<number[]> {
  const ways: Record<string, (fields: Fields) => RequestOptions> = {
    json: (fields) => ({ body: fields }),
    form: (fields) => ({ body: formOf(fields), headers: FORM }),
    multipart: (fields) => ({ body: multipartOf(fields), headers: MULTIPART }),
    encrypted: (fields) => ({ body: { encrypted_data: service.access.encrypt(formOf(fields)) } }),
  };
  const sent = Object.entries(ways).map(async ([name, requestOf]) => {
    const reference = `switched-${name}`;
    const fields = { ...fieldsOf(service, reference, card), encryption_method: 'aes256' };
    const request = requestOf(name === 'encrypted' ? fields : { ...fields, encryption_method: '' });
    await caller.sandbox.acquirer({ match: { reference }, ...settlesAs('1') });
    const { status } = await caller.send('POST', PATH, request);
    await caller.settled(reference, 'succeeded');
    return status;
  });
  const statuses = await Promise.all(sent);
  const { requests } = service.webhook;
  await caller.wait(async () => requests.length >= sent.length, 'the callbacks are forwarded');
  for (const { path, body } of requests) caller.record(`callback to ${path}`, body);
  return statuses;
}

/** Mistakes of the service, with the card in every place where it does not belong. */
function mistakes(service: Service, card: CanaryCard): RequestOptions[] {
  const { number, cvv } = card;
  const whole = fieldsOf(service, 'switched-wrong', card);
  const { encrypt } = service.access;
  const text = JSON.stringify(whole);
  const bodies = [
    { ...whole, [number]: number, bill_amt: '0' },
    { ...whole, bill_amt: number },
    { ...whole, bill_amt: '' },
    { ...whole, public_key: number },
    { ...whole, public_key: '' },
    { ...whole, reference: number },
    { ...whole, reference: `A${number}` },
    { ...whole, product_name: inGroups(number) },
    { ...whole, fullname: number, bill_email: `${number}@example.com` },
    { ...whole, bill_ip: number, bill_country: number },
    { ...whole, return_url: `https://shop.example/?card=${number}` },
    { ...whole, webhook_url: `${service.webhook.url}/?card=${number}` },
    { ...whole, webhook_url: number },
    { ...whole, mop: number },
    { ...whole, ccno: `${number}0000` },
    { ...whole, ccvv: `${cvv}99` },
    { ...whole, month: number, year: number },
    { ...whole, connector_id: number },
  ];
  const ciphertexts = [
    encrypt(formOf({ ...whole, bill_amt: '0' })),
    encrypt(formOf({ ...whole, product_name: number })),
    encrypt(`${formOf(whole)}&fullname=%zz${number}`),
    encrypt(text),
    `${number}${encrypt(formOf(whole))}`,
    `${formOf(whole)}&ccno=${number}&ccvv=${cvv}`,
  ];
  return [
    ...bodies.map((body) => ({ body })),
    ...bodies.map((body) => ({ body: formOf(body), headers: FORM })),
    ...bodies.map((body) => ({
      body: multipartOf({ ...body, reference: '' }),
      headers: MULTIPART,
    })),
    ...ciphertexts.map((encrypted_data) => ({ body: { encrypted_data } })),
    { body: text.slice(0, -1) },
    { body: [text] },
    { body: { ...whole, padding: text.repeat(300) } },
    { body: multipartOf(whole), headers: { 'content-type': 'multipart/form-data' } },
    { body: text, headers: { 'content-type': 'text/plain', 'user-agent': number } },
  ];
}

/** The outcomes of requests in the gateway's form: HTTP statuses. */
export interface GatewayFormOutcomes {
  readonly accepted: readonly number[];
  readonly rejected: readonly number[];
}

/** Sends requests in the gateway's form with one card that is accepted and one that is not. */
export async function gatewayFormRequests(
  caller: RecordingCaller,
  { accepted, rejected }: { readonly accepted: CanaryCard; readonly rejected: CanaryCard },
): Promise<GatewayFormOutcomes> {
  const webhook = await ScriptedGateway.start(() => json(200, {}));
  try {
    const access = await openGatewayForm(caller.stack, webhook.url);
    const service = { access, webhook };
    const { number } = rejected;
    // The api learns of the opting in within seconds.
    const first = { ...fieldsOf(service, 'switched-first', accepted), webhook_url: '' };
    const isOpen = async () => (await caller.send('POST', PATH, { body: first })).status === 200;
    await caller.wait(isOpen, 'the gateway’s form is open');
    // An id that no transaction has is answered 200.
    await caller.send('GET', `/api/authurl/s2s/${number}`);
    return {
      accepted: await payments(caller, service, accepted),
      rejected: await caller.statusesOf([
        ...mistakes(service, rejected).flatMap((request) => [
          ['POST', PATH, request] as const,
          ['POST', `${PATH}/encrypt`, request] as const,
        ]),
        ['GET', `${PATH}?${formOf(fieldsOf(service, 'switched-get', rejected))}`],
        ['GET', `/api/authurl/${number}`],
        ['GET', `/api/authurl/s2s/${number}x`],
        ['GET', `/api/authurl/${number}0000`],
      ]),
    };
  } finally {
    await webhook.close();
  }
}
