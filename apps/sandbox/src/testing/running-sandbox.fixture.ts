// Runs a sandbox on a free port for tests, which use real HTTP, with the two terminals that most
// tests need.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { encryptAes256 } from '@quittance/gateway-protocol';
import { createLogger, loadConfig } from '@quittance/platform';
import { sandboxConfig, type SandboxSettings } from '../config.js';
import type { GenerationName } from '../generation/generation.js';
import { createSandbox } from '../start-sandbox.js';
import { PUBLISHED_TERMINAL } from '../transactions/published-terminal.js';

/** The keys of the terminal of the reference pages. */
export const keys = {
  publicKey: PUBLISHED_TERMINAL.publicKey,
  privateKey: PUBLISHED_TERMINAL.privateKey,
};
/** A second terminal of the same merchant. */
export const siblingKeys = {
  publicKey: 'u+k9/Zr0b1hN0q7iY5oVtX3cJmE2sLw8aRfDgHnQpKs=',
  privateKey: '0123456789abcdef0123456789abcdef',
};

/** A card that passes Luhn and is in no test table: the acquirer decides. */
export const plainCard = '4242424242424242';

export type Fields = Readonly<Record<string, string | number | boolean | null>>;

/** A complete payment with a test card that is approved at once. */
export const aPayment: Fields = {
  public_key: keys.publicKey,
  terNO: 42,
  'integration-type': 's2s',
  bill_amt: '11.11',
  bill_currency: 'EUR',
  product_name: 'Two tickets',
  reference: 'ORD-1001',
  webhook_url: 'http://127.0.0.1:9/unused',
  return_url: 'http://127.0.0.1:9/return?cart=c-77',
  bill_ip: '203.0.113.7',
  mop: 'CC',
  ccno: '4012000033330026',
  ccvv: '123',
  month: '01',
  year: '30',
};

/** Returns the fields without the named ones. */
export function without(fields: Fields, ...names: string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** A response, read whatever its status. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; an empty object when it is not JSON. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

export class RunningSandbox {
  private constructor(
    private readonly app: NestFastifyApplication,
    readonly url: string,
  ) {}

  static async start(settings: Partial<SandboxSettings> = {}): Promise<RunningSandbox> {
    const config = loadConfig(sandboxConfig, {});
    const app = await createSandbox(
      { ...config, sandbox: { ...config.sandbox, ...settings } },
      { logger: createLogger({ name: 'sandbox', level: 'silent' }) },
    );
    await app.listen({ host: '127.0.0.1', port: 0 });
    return new RunningSandbox(app, await app.getUrl());
  }

  async stop(): Promise<void> {
    await this.app.close();
  }

  /** Deletes everything, sets the generation, and registers both terminals again. */
  async reset(generation: GenerationName): Promise<void> {
    await this.ask('DELETE', '/sandbox?terminals=true');
    await this.script('PUT', '/sandbox/generation', { generation });
    for (const { publicKey, privateKey } of [keys, siblingKeys]) {
      const terminal = { public_key: publicKey, private_key: privateKey, merchant: 'demo' };
      await this.script('POST', '/sandbox/terminals', { ...terminal, number: 42 });
    }
  }

  async ask(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.url + path, { method, redirect: 'manual', ...init });
    const text = await response.text();
    return { status: response.status, text, json: readJson(text), headers: response.headers };
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path);
  }

  sendJson(path: string, body: unknown, method = 'POST'): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return this.ask(method, path, { headers, body: JSON.stringify(body) });
  }

  sendForm(path: string, fields: Fields): Promise<Answer> {
    return this.ask('POST', path, { body: formOf(fields) });
  }

  /** Sends a body to a control path. Rejects when the sandbox rejects it. */
  async script(method: string, path: string, body: unknown): Promise<Answer> {
    const answer = await this.sendJson(path, body, method);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
    return answer;
  }

  /** Sends a create call in simple mode. */
  create(fields: Fields = {}): Promise<Answer> {
    return this.sendJson('/api/s2s', { ...aPayment, ...fields });
  }

  /** Sends a create call in encrypted mode; `outer` is sent in clear beside it. */
  createEncrypted(fields: Fields = {}, outer: Fields = {}): Promise<Answer> {
    const inner = formOf({ ...aPayment, ...fields }).toString();
    return this.sendForm('/api/s2s/encrypt', {
      ...outer,
      encrypted_data: encryptAes256(inner, keys) + keys.publicKey,
    });
  }

  /** Creates a payment that must succeed, and returns its transID. */
  async created(fields: Fields = {}): Promise<string> {
    const answer = await this.create(fields);
    if (answer.status !== 200) throw new Error(answer.text);
    return String(answer.json['transID']);
  }

  /** Creates a card payment and sets its code, without a webhook. */
  async createdAs(orderStatus: number, fields: Fields = {}): Promise<string> {
    const transId = await this.created({ ccno: plainCard, ...fields });
    await this.sendJson(
      `/api/transactions/update/${transId}`,
      { order_status: orderStatus },
      'PUT',
    );
    return transId;
  }

  async ledger(reference: string): Promise<LedgerAnswer> {
    const answer = await this.get(`/sandbox/ledger?reference=${encodeURIComponent(reference)}`);
    return JSON.parse(answer.text) as LedgerAnswer;
  }
}

export interface LedgerAnswer {
  readonly data: readonly {
    readonly transID: string;
    readonly order_status: string;
    readonly charged: boolean;
    readonly requests: number;
  }[];
  readonly received: readonly { readonly path: string; readonly could_charge: boolean }[];
}

export function formOf(fields: Fields): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
  return form;
}

function readJson(text: string): Answer['json'] {
  try {
    return JSON.parse(text) as Answer['json'];
  } catch {
    return {};
  }
}
