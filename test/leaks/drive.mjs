// Sends cards down every path there is, and keeps every answer. What the answers say is looked at elsewhere; here it counts that
// the paths were walked.
import { LIES } from '../chaos/gateway-lies/lies.mjs';
import { SandboxControl } from '../chaos/sandbox-control.mjs';
import { paymentRequest } from '../chaos/payments.mjs';
import { inParallel, until } from '../chaos/waiting.mjs';

const UNDER_WAY = 8;
const LEAVES_WITHIN_MS = 60_000;
const TERMINALS = ['main', 'plain', 'enc-plain-cb', 'plain-enc-cb'];
/** The acquirer's words, and where each leads. */
const ENDS = {
  1: 'succeeded',
  2: 'declined',
  22: 'expired',
  0: 'requires_action',
};
/** Steps at which the worker dies with a card in its memory. */
const CRASH_POINTS = [
  'submission.before-fence',
  'submission.before-first-byte',
  'submission.after-reply',
];
const ON_THE_WAY = ['queued', 'submitting'];

export class Driver {
  answers = [];
  #stack;
  #sandbox;

  /** @param {import('../chaos/stack/chaos-stack.mjs').ChaosStack} stack */
  constructor(stack) {
    this.#stack = stack;
    this.#sandbox = new SandboxControl(stack.urls.sandbox);
  }

  /** One request to the api; the answer is kept. A body that is no text is sent as JSON. */
  async ask(method, path, { body, headers = {} } = {}) {
    const response = await fetch(this.#stack.urls.api + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#stack.apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const head = JSON.stringify([...response.headers]);
    this.answers.push({ name: `answer to ${method} ${path}`, bytes: Buffer.from(head + text) });
    return { status: response.status, text };
  }

  request(reference, card, more = {}) {
    const sandboxUrl = this.#stack.urls.sandbox;
    return { ...paymentRequest(reference, { sandboxUrl }), card: wire(card), ...more };
  }

  create(reference, card, more, headers) {
    return this.ask('POST', '/v1/payment-intents', {
      body: this.request(reference, card, more),
      ...(headers && { headers }),
    });
  }

  /** The status once the payment has left the worker's hands, and has come to where it `ends`. */
  async settled(reference, ends) {
    const look = async () => {
      const { text } = await this.ask('GET', `/v1/payment-intents?reference=${reference}`);
      const status = JSON.parse(text).data[0]?.status;
      const isThere = ends === undefined ? !ON_THE_WAY.includes(status) : status === ends;
      return isThere ? status : undefined;
    };
    return until(look, {
      what: `${reference} is ${ends ?? 'handed over'}`,
      limitMs: LEAVES_WITHIN_MS,
    });
  }

  /** Every protocol and callback mode with every word of the acquirer, and every fault. Resolves with the statuses seen. */
  gateway(card) {
    const honest = TERMINALS.flatMap((terminal) =>
      Object.entries(ENDS).map(([code, ends]) => ({ terminal, code, ends })),
    );
    const faults = LIES.filter(({ watchedForMs = 0 }) => watchedForMs === 0);
    return inParallel([...honest, ...faults], UNDER_WAY, async (step, at) => {
      const reference = `leak-${at}-x`;
      const { terminal = 'main', code, ends, scripts = [] } = step;
      const settles = code && {
        reply: '0',
        settle: { order_status: code, after_ms: 50 },
        times: 1,
      };
      const said = settles ? [{ acquirer: settles }, ...scripts] : scripts;
      for (const { fault, acquirer } of said) {
        if (acquirer) await this.#sandbox.acquirer({ match: { reference }, ...acquirer });
        if (fault) await this.#sandbox.fault({ match: { reference }, ...fault });
      }
      await this.create(reference, card, { terminal }, { prefer: 'wait=2' });
      return this.settled(reference, code && ends);
    });
  }

  /** What a caller gets wrong, with the card in every place where it does not belong. Resolves with the HTTP statuses. */
  async mistakes(card) {
    const { number } = card;
    const path = '/v1/payment-intents';
    const whole = this.request('wrong-x', card);
    const json = JSON.stringify(whole);
    const tries = [
      ['POST', path, { body: json.slice(0, -1) }],
      ['POST', path, { body: `${json}${json}` }],
      ['POST', path, { body: json, headers: { 'content-type': 'text/plain' } }],
      [
        'POST',
        path,
        {
          body: new URLSearchParams({ ccno: number }).toString(),
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        },
      ],
      ['POST', path, { body: { ...whole, padding: json.repeat(400) } }],
      ['POST', path, { body: { ...whole, [number]: number } }],
      ['POST', path, { body: { ...whole, metadata: { note: `card ${number}` } } }],
      ['POST', path, { body: { ...whole, metadata: { [number]: 'x' } } }],
      ['POST', path, { body: { ...whole, reference: `A${number}` } }],
      ['POST', path, { body: { ...whole, product_name: number.replaceAll(/(\d{4})/g, '$1 ') } }],
      [
        'POST',
        path,
        { body: { ...whole, customer: { name: number, email: `${number}@example.com` } } },
      ],
      ['POST', path, { body: { ...whole, return_url: `https://shop.example/?card=${number}` } }],
      ['POST', path, { body: { ...whole, card: number } }],
      ['POST', path, { body: { ...whole, card: { ...wire(card), number: Number(number) } } }],
      ['POST', path, { body: { ...whole, card: { ...wire(card), number: `${number}0000` } } }],
      ['POST', path, { body: { ...whole, card: { ...wire(card), cvv: `${card.cvv}99` } } }],
      ['POST', path, { body: { ...whole, card: { ...wire(card), exp_year: '01' } } }],
      ['POST', path, { body: { ...whole, terminal: number } }],
      ['POST', path, { body: whole, headers: { authorization: `Bearer ${number}` } }],
      [
        'POST',
        path,
        { body: whole, headers: { prefer: number, 'x-request-id': number, 'user-agent': number } },
      ],
      ['GET', `${path}/${number}`],
      ['GET', `${path}?reference=${number}`],
      ['GET', `${path}?cursor=${number}`],
      ['PUT', `/${number}?ccno=${number}`],
    ];
    const statuses = [];
    for (const [method, where, options] of tries)
      statuses.push((await this.ask(method, where, options)).status);
    return statuses;
  }

  /** The worker dies at each step at which it holds the card in clear, and is started anew. */
  async crashes(card) {
    for (const [at, point] of CRASH_POINTS.entries()) {
      const worker = await this.#stack.replace('worker', { QUITTANCE_CRASH_AT: point });
      await this.create(`crash-${at}-x`, card);
      await worker.exited;
      await this.#stack.launch('worker');
    }
  }

  /** Callbacks arrive while Postgres is away, and events wait for an order domain that is down. */
  async outages(card) {
    const reference = 'outage-x';
    await this.#sandbox.acquirer({ match: { reference }, reply: '0', times: 1 });
    await this.#stack.process('orders').stop();
    await this.create(reference, card);
    await this.settled(reference);
    const [{ transID }] = (await this.#sandbox.ledger(reference)).data;
    const { postgres } = this.#stack.servers;
    await postgres.stop();
    await this.#sandbox.settle(transID, '1');
    await this.create('away-x', card);
    await postgres.startAgain();
    const look = async () => (await this.settled(reference)) === 'succeeded';
    await until(look, { what: 'the kept callback is applied', limitMs: LEAVES_WITHIN_MS });
    await this.#stack.launch('orders');
  }
}

function wire({ number, cvv }) {
  return { number, cvv, exp_month: '01', exp_year: '30' };
}
