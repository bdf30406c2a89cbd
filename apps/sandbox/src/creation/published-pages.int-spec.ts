// Goal: a sandbox without any setting answers the requests of the published reference pages, sent
// as the pages print them, with the pages' replies and webhook. Method: a reply must have the
// page's members in the page's order with the page's values, except the members that
// PUBLISHED_DIFFERENCES lists, which must have the page's form. The pages' replies answer other
// requests than those the pages show, so each is compared twice: for the request as printed, with
// the values that the request names, and for a request that names the values of the reply.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { decryptAes256, encryptAes256 } from '@quittance/gateway-protocol';
import {
  ENCRYPTED_PAGE,
  PUBLISHED_DIFFERENCES,
  PUBLISHED_PARAMETERS,
  SIMPLE_PAGE,
} from '../../../../test/support/published-pages.js';
import { formOf, keys, RunningSandbox, type Fields } from '../testing/running-sandbox.fixture.js';
import { WebhookReceiver } from '../testing/webhook-receiver.fixture.js';

type Members = Readonly<Record<string, string>>;

const HOST = 'localhost:9003';
const request = JSON.parse(SIMPLE_PAGE.request) as Fields;
const reply = JSON.parse(SIMPLE_PAGE.reply) as Members;
const encryptedReply = JSON.parse(ENCRYPTED_PAGE.reply) as Members;
/** A number with the mask of the page's reply, whose middle digits are not published. */
const PUBLISHED_CARD = '5438890000000229';

let sandbox: RunningSandbox;
let merchant: WebhookReceiver;
beforeAll(async () => {
  sandbox = await RunningSandbox.start();
  merchant = await WebhookReceiver.start();
});
afterAll(async () => {
  await sandbox.stop();
  await merchant.stop();
});

/** Sends a request as the page prints it, which names the host that a fetch would overwrite. */
async function post(path: string, contentType: string, body: string): Promise<Members> {
  const headers = { host: HOST, 'content-type': contentType };
  const sent = httpRequest(sandbox.url + path, { method: 'POST', headers }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toMatch(/^application\/json/);
  return (await json(response)) as Members;
}

const postJson = (body: string): Promise<Members> =>
  post(SIMPLE_PAGE.path, 'application/json', body);

/** The payload as the encrypted page describes it: a query string, encrypted, then the key. */
function encryptedData(fields: Fields): string {
  return encryptAes256(`&${formOf(fields).toString()}`, keys) + keys.publicKey;
}

const postEncrypted = (body: string): Promise<Members> =>
  post(ENCRYPTED_PAGE.path, ENCRYPTED_PAGE.contentType, body);

/** Expects the page's members, in its order, with its values or those of `echoed`. */
function expectPage(actual: Members, page: Members, echoed: Members = {}): void {
  const differs = (name: string): boolean => name in PUBLISHED_DIFFERENCES;
  const expected = Object.entries(page).map(([name, value]) => [
    name,
    differs(name) ? actual[name] : (echoed[name] ?? value),
  ]);
  expect(Object.entries(actual)).toEqual(expected);
  for (const name of Object.keys(page).filter(differs)) expectForm(name, actual);
}

function expectForm(name: string, { transID = '', tdate = '', ...actual }: Members): void {
  const base = `http://${HOST}/api/authurl`;
  switch (name) {
    case 'transID':
      // Acquirer, row, and the time of the payment, as far as 18 digits go.
      return expect(transID).toMatch(/^100\d{15}$/);
    case 'tdate':
      return expect(tdate).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.000\d{3}$/);
    case 'authstatus':
      return expect(actual['authstatus']).toBe(`${base}/s2s/${transID}`);
    case 'authurl':
      // Plain in the simple reply; a token of 43 characters and `=` with aes256.
      return expect([`${base}/${transID}`, expect.stringMatching(/\/[\w-]{43}=$/)]).toContainEqual(
        actual['authurl'],
      );
    default:
      return expectAuthData(String(actual['authdata']), transID);
  }
}

/** Expects base64 that begins as on the page: an object whose first member is the bare transID. */
function expectAuthData(authdata: string, transID: string): void {
  expect(authdata.slice(0, 18)).toBe(String(reply['authdata']).slice(0, 18));
  const decoded = Buffer.from(authdata, 'base64').toString();
  expect(Buffer.from(decoded).toString('base64')).toBe(authdata);
  expect(decoded.startsWith(`{"transID":${transID},`)).toBe(true);
}

describe('the simple page', () => {
  it('has its request answered as it is printed', async () => {
    const echoed = { mop: 'Visa', ccno: '411111XXXXXX1111', ...pick(request, 'reference') };
    expectPage(await postJson(SIMPLE_PAGE.request), reply, { ...echoed, bill_amt: '11.11' });
  });

  it('has its reply for a request with the values of the reply', async () => {
    const { reference, bill_currency } = reply;
    const fields = { ...request, reference, bill_currency, bill_amt: '120.00' };
    expectPage(await postJson(JSON.stringify({ ...fields, ccno: PUBLISHED_CARD })), reply);
  });

  it('has a reply that names the number of its own terminal', async () => {
    await postJson(SIMPLE_PAGE.request);
    const { data } = await sandbox.ledger(String(request['reference']));
    expect(data.at(-1)).toMatchObject({ terNO: '42', merchant: 'demo', charged: false });
  });

  it('leads the payer of its card to a page, and the payment to its end', async () => {
    merchant.clear();
    const fields = { ...request, webhook_url: merchant.url, ccno: PUBLISHED_CARD };
    const { transID = '' } = await postJson(JSON.stringify(fields));
    const page = await sandbox.get(`/sandbox/bank/${transID}`);
    expect(page.text).toContain('543889XXXXXX0229');
    await sandbox.sendForm(`/sandbox/bank/${transID}`, { decision: 'approved' });
    await sandbox.get(`/api/status/transid/${transID}`);
    expect(merchant.bodies).toMatchObject([{ transID, order_status: '1', status: 'Approved' }]);
  });
});

describe('the encrypted page', () => {
  const aes256: Fields = { ...request, encryption_method: 'aes256' };

  it.each([
    ['as the page prints it, without percent-encoding', (data: string) => `encrypted_data=${data}`],
    ['percent-encoded', (data: string) => formOf({ encrypted_data: data }).toString()],
  ])('has its request answered %s', async (_case, body) => {
    const echoed = pick(request, 'reference');
    expectPage(await postEncrypted(body(encryptedData(aes256))), encryptedReply, echoed);
  });

  it('has its reply for a request with the values of the reply', async () => {
    const fields = { ...aes256, ...pick(encryptedReply, 'reference') };
    expectPage(await postEncrypted(`encrypted_data=${encryptedData(fields)}`), encryptedReply);
  });

  it('accepts its plaintext, with the leading & and the +', async () => {
    const { plaintext } = ENCRYPTED_PAGE;
    const body = `encrypted_data=${encryptAes256(plaintext, keys)}${keys.publicKey}`;
    expect(await postEncrypted(body)).toMatchObject({ bill_amt: '11.0', order_status: '0' });
  });

  it('has its webhook once the payer has confirmed', async () => {
    merchant.clear();
    const page = Object.fromEntries(new URLSearchParams(ENCRYPTED_PAGE.webhook));
    const fields = { ...aes256, webhook_url: merchant.url, ...pick(page, 'reference') };
    const body = `encrypted_data=${encryptedData({ ...fields, bill_amt: '130.00' })}`;
    const { transID = '' } = await postEncrypted(body);
    await sandbox.sendForm(`/api/status/transid/${transID}`, {
      otp: '123456',
      test_auth: 'approved',
    });
    const [envelope] = merchant.bodies;
    expect(Object.keys(envelope ?? {})).toEqual(['private_key', 'public_key', 'data']);
    expect(decryptAes256(String(envelope?.['data']), keys)).toBe(
      ENCRYPTED_PAGE.webhook.replace(String(page['transID']), transID),
    );
  });

  it.each<Fields>([{ encryption_method: 'none' }, {}])(
    'has a plain webhook with %j',
    async (more) => {
      merchant.clear();
      const fields = { ...request, webhook_url: merchant.url, ...more };
      const { transID = '' } = await postEncrypted(`encrypted_data=${encryptedData(fields)}`);
      await sandbox.sendForm(`/api/status/transid/${transID}`, { test_auth: 'approved' });
      expect(merchant.bodies).toMatchObject([{ order_status: '25', status: 'Test Approved' }]);
    },
  );
});

describe('the documents', () => {
  const read = (name: string): string =>
    readFileSync(join(import.meta.dirname, '../../../../docs', name), 'utf8');

  it('list the differences from the pages and nothing else', () => {
    const [, section = ''] = read('sandbox.md').split('## The published pages');
    const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` +\| (.+?) +\|$/gm)];
    expect(Object.fromEntries(rows.map(([, name, reason]) => [name, reason]))).toEqual(
      PUBLISHED_DIFFERENCES,
    );
  });

  it('mark the parameters as the pages do', () => {
    const rows = read('protocol.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const marked = PUBLISHED_PARAMETERS.map(([name]) => {
      const row = rows.find((line) => line.split('|')[1]?.includes(`\`${name}\``));
      return [name, row?.split('|')[3]?.trim().charAt(0)];
    });
    expect(marked).toEqual(PUBLISHED_PARAMETERS);
  });
});

function pick(members: Fields, name: string): Members {
  return { [name]: String(members[name]) };
}
