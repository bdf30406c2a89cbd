// Goal: a program that was written for the gateway runs unchanged against Quittance. Method: one
// client, with nothing of ours in it, plays the same payments at the sandbox and at the api of five
// real processes; its replies and callbacks are compared field by field.
import { createServer, type Server } from 'node:http';
import { createCipheriv, createDecipheriv, createHash, generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Queue, QueueEvents } from 'bullmq';
import { signedIntent } from './support/signed-intent.js';
import { operate } from '../tools/stack/operator.js';
import type { TerminalWithKeys } from '../tools/stack/terminals.js';
import { eventually } from './support/eventually.js';
import { startTestStack, type TestStack } from './support/processes.js';

type Fields = Readonly<Record<string, string | null>>;
type Way = 'plain' | 'encrypted';

let testStack: TestStack;
let terminal: TerminalWithKeys;
let shop: Server;
const received: Fields[] = [];

beforeAll(async () => {
  shop = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      received.push(JSON.parse(text) as Fields);
      response.end();
    });
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  testStack = await startTestStack();
  terminal = testStack.terminals[0]!;
  const opting = `--drop-in both --callers 127.0.0.1,::1 --callbacks-to ${shopUrl()}`;
  const set = ['terminals', 'set', terminal.name, '--merchant', testStack.merchant.merchant];
  // Written with `=`: a generated key may begin with a dash.
  const key = `--private-key=${terminal.privateKey}`;
  await operate(testStack.setup, [[...set, ...opting.split(' '), key]]);
});

afterAll(async () => {
  await testStack?.stop();
  shop.closeAllConnections();
  shop.close();
});

const shopUrl = () => `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;

/** A merchant's program: it knows the gateway's pages and a base URL. */
class MerchantProgram {
  readonly #key = Buffer.alloc(32);
  readonly #iv: Buffer;

  constructor(
    private readonly baseUrl: string,
    private readonly account: TerminalWithKeys,
  ) {
    this.#key.write(account.privateKey);
    this.#iv = createHash('sha256').update(account.publicKey).digest().subarray(0, 16);
  }

  /** Sends a card payment; resolves with the status and the reply. */
  pay(ccno: string, reference: string, way: Way): Promise<{ status: number; reply: Fields }> {
    return this.send({ mop: 'CC', ccno, ccvv: '123', month: '01', year: '30' }, reference, way);
  }

  /** Sends a payment by `method`. */
  async send(
    method: Readonly<Record<string, string>>,
    reference: string,
    way: Way,
  ): Promise<{ status: number; reply: Fields }> {
    const parameters = {
      public_key: this.account.publicKey,
      terNO: String(this.account.number),
      'integration-type': 's2s',
      bill_amt: '11.10',
      bill_currency: 'EUR',
      product_name: 'Two tickets',
      reference,
      webhook_url: `${shopUrl()}/callback`,
      return_url: `${shopUrl()}/return`,
      bill_ip: '192.0.2.7',
      fullname: 'Dev Tech',
      bill_email: 'dev@example.com',
      bill_phone: '+49301234567',
      bill_country: 'DE',
      ...method,
      encryption_method: way === 'encrypted' ? 'aes256' : 'none',
    };
    const isPlain = way === 'plain';
    const response = await fetch(`${this.baseUrl}/api/s2s${isPlain ? '' : '/encrypt'}`, {
      method: 'POST',
      headers: isPlain ? { 'content-type': 'application/json' } : {},
      body: isPlain ? JSON.stringify(parameters) : this.#encrypted(parameters),
    });
    return { status: response.status, reply: (await response.json()) as Fields };
  }

  #encrypted(parameters: Record<string, string>): URLSearchParams {
    const cipher = createCipheriv('aes-256-cbc', this.#key, this.#iv);
    const text = new URLSearchParams(parameters).toString();
    const bytes = Buffer.concat([cipher.update(text), cipher.final()]);
    return new URLSearchParams({
      encrypted_data: bytes.toString('base64url') + this.account.publicKey,
    });
  }

  /** Reads a callback, encrypted or not. */
  read(callback: Fields): Fields {
    if (callback['data'] === undefined) return callback;
    const decipher = createDecipheriv('aes-256-cbc', this.#key, this.#iv);
    const bytes = Buffer.from(String(callback['data']), 'base64url');
    const text = Buffer.concat([decipher.update(bytes), decipher.final()]).toString();
    return Object.fromEntries(
      text.split('&').map((pair): [string, string] => {
        const [name = '', value = ''] = pair.split('=');
        return [name, value];
      }),
    );
  }

  async status(reply: Fields): Promise<Fields> {
    const url =
      reply['authstatus'] ?? `${this.baseUrl}/api/authurl/s2s/${String(reply['transID'])}`;
    return (await (await fetch(url)).json()) as Fields;
  }

  /** Follows the payer's address and approves; resolves once the merchant has the callback. */
  async approve(reply: Fields): Promise<Fields> {
    const page = await fetch(String(reply['authurl']));
    if (!page.ok) throw new Error(`the payer's page answered ${page.status}`);
    const origin = new URL(page.url).origin;
    const form = new URLSearchParams({ test_auth: 'approved', otp: '123456' });
    await fetch(`${origin}/api/status/transid/${String(reply['transID'])}`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
    });
    return eventually(() => {
      const mine = received.map((one) => this.read(one));
      const found = mine.find(({ transID }) => transID === reply['transID']);
      if (!found) throw new Error('no callback yet');
      return found;
    });
  }
}

const atGateway = () => new MerchantProgram(testStack.stack.urls.sandbox, terminal);
const atQuittance = () => new MerchantProgram(testStack.stack.urls.api, terminal);

/** The fields that must differ (docs/switching.md). */
const OF_ONE_PAYMENT = [
  'transID',
  'reference',
  'tdate',
  'authurl',
  'authstatus',
  'webhook_notify_time',
];
const NOT_STORED = ['authdata'];

/** Replaces what belongs to one payment by its type, and leaves out what Quittance lacks. */
function comparable(fields: Fields, more: readonly string[] = []): Fields {
  const omitted = [...NOT_STORED, ...more];
  const rest = Object.entries(fields).filter(([name]) => !omitted.includes(name));
  return Object.fromEntries(
    rest.map(([name, value]) => [name, OF_ONE_PAYMENT.includes(name) ? typeof value : value]),
  );
}

/** The fields of `ours` that the gateway has too: encrypted requests get more here. */
function asFarAsThere(ours: Fields, theirs: Fields): Fields {
  return Object.fromEntries(Object.entries(ours).filter(([name]) => name in theirs));
}

const CARDS = [
  ['approved', '4012000033330026'],
  ['declined', '4043409999991437'],
  ['to be authenticated', '4111111111111111'],
] as const;
const CASES = CARDS.flatMap(([what, ccno]) =>
  (['plain', 'encrypted'] as const).map((way) => [way, what, ccno] as const),
);
let count = 0;
const reference = () => `SWITCH-${(count += 1)}`;

it.each(CASES)('a %s payment that is %s has the same reply and status', async (way, _, ccno) => {
  const theirs = await atGateway().pay(ccno, reference(), way);
  const ours = await atQuittance().pay(ccno, reference(), way);
  expect(ours.status).toBe(theirs.status);
  const reply = comparable(theirs.reply);
  expect(asFarAsThere(comparable(ours.reply), reply)).toEqual(reply);
  // Of a payer who has to act the gateway's look-up says 27 where its reply said 0.
  const asReplied =
    ours.reply['order_status'] === '0' ? ['order_status', 'status', 'response'] : [];
  const status = comparable(await atGateway().status(theirs.reply), asReplied);
  expect(comparable(await atQuittance().status(ours.reply), asReplied)).toEqual(status);
});

it.each(['plain', 'encrypted'] as const)(
  'the payer of a %s payment comes back, and the merchant has the same callback',
  async (way) => {
    const [, , [, ccno]] = CARDS;
    const [theirs, ours] = [atGateway(), atQuittance()];
    const fromGateway = await theirs.approve((await theirs.pay(ccno, reference(), way)).reply);
    const fromQuittance = await ours.approve((await ours.pay(ccno, reference(), way)).reply);
    expect(comparable(fromQuittance)).toEqual(comparable(fromGateway));
    expect(JSON.stringify(received.at(-1))).not.toContain(terminal.privateKey);
  },
);

it('a repeat gets the first reply, and one charge', async () => {
  const again = reference();
  const pay = () => atQuittance().pay(CARDS[0][1], again, 'plain');
  const replies = await Promise.all([pay(), pay(), pay()]);
  replies.push(await pay());
  for (const { status, reply } of replies)
    expect([status, reply]).toEqual([200, replies[0]?.reply]);
  const ledger = await fetch(`${testStack.stack.urls.sandbox}/sandbox/ledger?reference=${again}`);
  const { data } = (await ledger.json()) as { data: unknown[] };
  expect(data).toHaveLength(1);
});

it('one reference through every door at once is one payment, and one charge', async () => {
  const { stack, setup, merchant } = testStack;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  const key = `--scopes payments:write --public-key=${pem} --json`;
  const create = ['keys', 'create', '--merchant', merchant.merchant, ...key.split(' ')];
  const [created = ''] = await operate(setup, [create]);
  const signer = { keyId: (JSON.parse(created) as { id: string }).id, privateKey };
  const prefix = setup.extra!['QUEUE_PREFIX']!;
  const queued = { connection: { url: setup.redisUrl }, prefix };
  const queue = new Queue('payment-intents', queued);
  const events = new QueueEvents('payment-intents', queued);
  await events.waitUntilReady();
  const shared = reference();
  // A wallet payment: a card in clear and an encrypted one cannot be compared.
  const body = {
    reference: shared,
    terminal: terminal.name,
    amount: '11.10',
    currency: 'EUR',
    product_name: 'Two tickets',
    method: 'WALLET',
    customer: {
      name: 'Dev Tech',
      email: 'dev@example.com',
      phone: '+49301234567',
      address: { country: 'DE' },
    },
    return_url: `${shopUrl()}/return`,
  };
  const post = async (path: string, type: string) => {
    const headers = {
      authorization: `Bearer ${merchant.apiKey}`,
      'content-type': type,
      prefer: 'wait=20',
    };
    const url = `${stack.urls.api}/v1/payment-intents${path}`;
    const sent = { method: 'POST', headers, body: `${JSON.stringify(body)}\n` };
    return (await (await fetch(url, sent)).json()) as PaidBy;
  };
  const doors: Readonly<Record<string, () => Promise<PaidBy>>> = {
    http: () => post('', 'application/json'),
    batch: () => post('/batch', 'application/x-ndjson'),
    job: async () => {
      const job = await queue.add('payment.create.v1', { jws: signedIntent(body, signer) });
      return (await job.waitUntilFinished(events)) as PaidBy;
    },
    dropIn: async () => (await atQuittance().send({ mop: 'WALLET' }, shared, 'encrypted')).reply,
  };
  // A key may have four batches at once.
  const four = Array.from({ length: 4 });
  const calls = four.flatMap(() => Object.values(doors).map((door) => door()));
  const answers = await Promise.all(calls);
  const ids = answers.flatMap(({ id, payment_intent: payment }) => id ?? payment?.id ?? []);
  expect([ids.length, new Set(ids).size]).toEqual([12, 1]);
  const transIds = answers.flatMap(({ transID }) => transID ?? []);
  expect(transIds).toHaveLength(4);
  const ledger = await fetch(`${stack.urls.sandbox}/sandbox/ledger?reference=${shared}`);
  expect(await ledger.json()).toMatchObject({
    data: [{ transID: transIds[0] }],
    received: [{ could_charge: true }],
  });
  expect(new Set(transIds).size).toBe(1);
  await Promise.all([queue.close(), events.close()]);
});

/** The members of the answers of all doors that name the payment. */
interface PaidBy {
  readonly id?: string;
  readonly payment_intent?: { readonly id: string };
  readonly transID?: string;
}

it.each([
  ['no terminal', { public_key: 'k'.repeat(44) }],
  ['no amount', { bill_amt: '' }],
  ['nothing to pay', { bill_amt: '0' }],
] as const)('a request with %s has the same refusal', async (_, changes) => {
  const ask = async (baseUrl: string) => {
    const body = JSON.stringify({ public_key: terminal.publicKey, bill_amt: '1', ...changes });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${baseUrl}/api/s2s`, { method: 'POST', headers, body });
    const { error_message: _words, ...rest } = (await response.json()) as Fields;
    return [response.status, rest];
  };
  const { api, sandbox } = testStack.stack.urls;
  expect(await ask(api)).toEqual(await ask(sandbox));
});
