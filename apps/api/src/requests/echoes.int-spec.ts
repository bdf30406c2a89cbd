// Goal: no response to a rejected request and no log line contains any part of a card from the
// request, wherever and however it was written. Method: random places and spellings, over raw
// connections to the running api.
import fc from 'fast-check';
import { aRequest, type RequestBody } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { type RawRequest, rawRequest, withBody } from '../../test/raw-request.js';

/** Groups of digits that no text of ours contains by chance. */
const GROUPS = ['4936', '7185', '9637', '6804'];
const CVV = '739';

let rig: ApiRig;
let merchant: TestMerchant;
let opsKey: string;
beforeAll(async () => {
  rig = await ApiRig.start({ env: { ADDRESS_REQUESTS_PER_MINUTE: '1000000' } });
  merchant = await rig.addMerchant();
  opsKey = await rig.addOpsKey(['ops:read', 'ops:write']);
});
afterAll(() => rig.stop());

const separator = fc.constantFrom(
  '',
  ' ',
  '-',
  '.',
  '_',
  '  ',
  '\u00a0',
  '–',
  '→',
  'x',
  '|',
  ' / ',
);
const grouped = separator.map((between) => `${GROUPS.join(between)} ${between}${CVV}`);
const fullWidth = grouped.map((text) =>
  text.replaceAll(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
);
const wrapped = grouped.map((text) => `{"card":{"number":"${text}","cvv":"${CVV}"}}`);
const spelling = fc.oneof(grouped, fullWidth, wrapped, fc.constantFrom(...GROUPS, CVV));

type Place = (text: string) => RawRequest;

const POST = { method: 'POST', target: '/v1/payment-intents' };
const GET = (target: string): RawRequest => ({ method: 'GET', target });
const json = (value: unknown) => withBody('application/json', JSON.stringify(value));
const within = (changes: RequestBody): RawRequest => ({ ...POST, ...json(aRequest(changes)) });
const inAddress = encodeURIComponent;
/** Keeps the characters that a header can contain; others would end it or be invalid. */
const inHeader = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, ' ').trim();
const inToken = (text: string) => `x-${text.replaceAll(/[^\w.-]/g, '-')}`;
const header = (name: string, value: string): RawRequest => ({
  ...POST,
  ...json({}),
  headers: [...json({}).headers, [name, value]],
});

const PLACES: Record<string, Place> = {
  'a name': (text) => within({ [text]: 1 }),
  'two names': (text) => within({ [text]: 1, [`${text}x`]: CVV }),
  'a name in card': (text) => within({ card: { [text]: text } }),
  'a name in customer': (text) => within({ customer: { [text]: text } }),
  'a name in address': (text) => within({ customer: { address: { [text]: text } } }),
  'a name in metadata': (text) => within({ metadata: { [text]: 1 } }),
  'too long a name in metadata': (text) => within({ metadata: { [text + 'x'.repeat(41)]: '1' } }),
  'a whole body as a name': (text) => ({ ...POST, ...json({ [text]: '' }) }),
  'a list': (text) => ({ ...POST, ...json([text]) }),
  'a text alone': (text) => ({ ...POST, ...json(text) }),
  'no JSON': (text) => ({ ...POST, ...withBody('application/json', `{${text}`) }),
  'a form': (text) => ({ ...POST, ...withBody('application/x-www-form-urlencoded', text) }),
  'a content type': (text) => ({ ...POST, ...withBody(`text/${inToken(text)}`, '{}') }),
  'a charset': (text) => ({
    ...POST,
    ...withBody(`application/json; charset=${inToken(text)}`, '{}'),
  }),
  'no content type': (text) => ({ ...POST, ...withBody(undefined, text) }),
  'a refund': (text) => ({
    method: 'POST',
    target: '/v1/payment-intents/pi_none/refunds',
    ...json({ [text]: text, reference: text }),
  }),
  'the body of a cancellation': (text) => ({
    method: 'POST',
    target: '/v1/payment-intents/pi_none/cancel',
    ...json({ [text]: text }),
  }),
  'a path': (text) => GET(`/${inAddress(text)}`),
  'an id': (text) => GET(`/v1/payment-intents/${inAddress(text)}`),
  'the id of a refund': (text) => GET(`/v1/refunds/${inAddress(text)}`),
  'a path that is not UTF-8': (text) => GET(`/v1/${inAddress(text)}%ff`),
  'an unsupported method': (text) => ({
    method: 'PUT',
    target: `/v1/refunds/${inAddress(text)}`,
  }),
  'a file': (text) => GET(`/docs/${inAddress(text)}`),
  'a queue': (text) => GET(`/ops/queues/api/queues/${inAddress(text)}/${inAddress(text)}`),
  'a name in a query': (text) => GET(`/v1/payment-intents?${inAddress(text)}=1`),
  'a query that is a name': (text) => GET(`/v1/events?${inAddress(text)}`),
  'an index in a query': (text) => GET(`/v1/payment-intents?limit[${inAddress(text)}]=1`),
  'a fragment': (text) => GET(`/v1/payment-intents/pi_none?version=${inAddress(text)}`),
  'a header': (text) => header('idempotency-key', inHeader(text)),
  'the name of a header': (text) => header(inToken(text), '1'),
  'a digest': (text) => header('content-digest', inHeader(text)),
  'a signature': (text) => header('signature-input', `sig=("${inHeader(text)}")`),
  'a coding': (text) => header('content-encoding', inToken(text)),
  'an expectation': (text) => header('expect', inHeader(text)),
  'the id of a request': (text) => header('x-request-id', inHeader(text)),
  'an address of a caller': (text) => header('x-forwarded-for', inHeader(text)),
};
for (const name of ['reference', 'terminal', 'amount', 'currency', 'product_name', 'method'])
  PLACES[`the value of ${name}`] = (text) => within({ [name]: `${text}\u0007` });
for (const name of ['return_url', 'source_url', 'customer', 'metadata', 'card', 'card_jwe'])
  PLACES[`the value of ${name}`] = (text) => within({ [name]: text });
for (const name of ['number', 'cvv', 'exp_month', 'exp_year'])
  PLACES[`the value of card.${name}`] = (text) => within({ card: { [name]: `${text}0` } });
for (const name of ['limit', 'after', 'reference', 'status', 'created_after'])
  PLACES[`the query ${name}`] = (text) => GET(`/v1/payment-intents?${name}=${inAddress(text)}`);

function partsIn(text: string): string[] {
  const read = text.normalize('NFKC');
  return [...GROUPS, CVV].filter((part) => read.includes(part));
}

it.each(Object.entries(PLACES))('nothing of %s is echoed', async (_, place) => {
  await fc.assert(
    fc.asyncProperty(spelling, fc.boolean(), async (text, isKnown) => {
      const request = place(text);
      const known = request.target.startsWith('/ops/') ? opsKey : merchant.key;
      const key = isKnown ? known : `qk_${'A'.repeat(43)}`;
      const headers = [...(request.headers ?? []), ['authorization', `Bearer ${key}`] as const];
      const before = rig.logged.length;
      const {
        status = 0,
        headers: answered,
        text: body,
      } = await rawRequest(rig.url, {
        ...request,
        headers,
      });
      const lines = rig.logged.slice(before).map(withoutOurs);
      expect(partsIn(lines.join('\n'))).toEqual([]);
      if (status < 400) return;
      const own = ['x-request-id', 'date', 'content-length', 'ratelimit', 'ratelimit-policy'];
      const said = [...answered].filter(([name]) => !own.includes(name)).flat();
      expect(partsIn([...said, withoutOurs(body)].join('\n'))).toEqual([]);
    }),
    { numRuns: 12 },
  );
});

/** Removes our own random digits: ids, times, process numbers. */
function withoutOurs(line: string): string {
  return line.replaceAll(/"(?:requestId|request_id|time|pid|hostname)":(?:"[^"]*"|\d+)/g, '');
}
