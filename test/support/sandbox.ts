// The sandbox as a process of its own, for tests that need the gateway's behaviour and not a
// script's. Its ledger says what was charged; it shares no code with the code under test.
import { join } from 'node:path';
import { root } from '../../tools/place.mjs';
import { Session } from '../../tools/processes/session.js';
import { anyPorts } from '../../tools/stack/ports.js';
import { eventually } from './eventually.js';

/** The gateway's generation (protocol, first section). */
export type Generation = 'doc' | 'a' | 'b';

/** A terminal of the sandbox. */
export interface SandboxTerminal {
  readonly number: number;
  readonly publicKey: string;
  readonly privateKey: string;
}

export class SandboxProcess {
  private constructor(
    readonly url: string,
    private readonly session: Session,
  ) {}

  /** Starts it from dist/ on a free port. Call `stop` in `afterAll`. */
  static async start(): Promise<SandboxProcess> {
    const session = new Session();
    const folder = session.temporaryFolder('sandbox');
    const { sandbox: port } = await anyPorts();
    const entry = join(root, 'dist', 'apps', 'sandbox', 'src', 'main.js');
    session.spawn('sandbox', process.execPath, [entry], {
      env: { ...process.env, HOST: '127.0.0.1', SANDBOX_PORT: String(port) },
      logFile: join(folder, 'sandbox.log'),
    });
    const sandbox = new SandboxProcess(`http://127.0.0.1:${port}`, session);
    await eventually(() => sandbox.ask('GET', '/readyz'), { limitMs: 30_000 });
    return sandbox;
  }

  stop(): Promise<void> {
    return this.session.stop();
  }

  /** Empties the sandbox and sets its generation and its terminal. */
  async reset(generation: Generation, terminal: SandboxTerminal): Promise<void> {
    await this.ask('DELETE', '/sandbox?terminals=true');
    await this.ask('PUT', '/sandbox/generation', { generation });
    await this.ask('POST', '/sandbox/terminals', {
      number: terminal.number,
      public_key: terminal.publicKey,
      private_key: terminal.privateKey,
      merchant: 'demo',
    });
  }

  /** Scripts a fault of the next matching request. */
  async script(fault: string, match: object = {}): Promise<void> {
    await this.ask('POST', '/sandbox/faults', { fault, match });
  }

  /** Sends a request to one of its paths. Rejects unless the response is a success. */
  async ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      ...(body && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }
}
