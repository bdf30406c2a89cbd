// The operator's command line on a database of its own, with what it writes caught.
import { generateKeySets } from '@quittance/vault';
import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { runCli } from '../src/run-cli.js';

/** How a run ended, and everything it wrote. */
export interface CliResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Adds a test terminal to `acme`; still without name and private key. */
export const ADD_TERMINAL = (
  'terminals add --merchant acme --base-url http://127.0.0.1:9003/ --number 42 ' +
  '--public-key WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ= --mode test'
).split(' ');

export class CliRig {
  readonly keySets = generateKeySets();

  private constructor(
    readonly database: TestDatabase,
    readonly pool: Pool,
  ) {}

  /** On a database with the merchant `acme`. */
  static async start(): Promise<CliRig> {
    const database = await createTestDatabase();
    const rig = new CliRig(database, new Pool({ connectionString: database.url }));
    await rig.run('merchants', 'add', 'acme');
    return rig;
  }

  async stop(): Promise<void> {
    await this.pool.end();
    await this.database.drop();
  }

  run(...args: string[]): Promise<CliResult> {
    return this.runIn({}, ...args);
  }

  /** Registers a person and returns their key. `who` are the variables of who does it. */
  async addOperator(name: string, who: NodeJS.ProcessEnv = {}): Promise<string> {
    const { out, err, exitCode } = await this.runIn(who, 'operators', 'add', name);
    if (exitCode !== 0) throw new Error(err);
    return out.trimEnd();
  }

  /** With variables changed or, when empty, not set. */
  async runIn(changes: NodeJS.ProcessEnv, ...args: string[]): Promise<CliResult> {
    const result = { out: '', err: '' };
    const env = {
      DATABASE_URL: this.database.urlAs('operator'),
      QUITTANCE_KEYSET: JSON.stringify(this.keySets.operator),
      ...changes,
    };
    const exitCode = await runCli(args, {
      env,
      stdin: () => Promise.resolve('private-key-from-stdin\n'),
      print: (text) => void (result.out += text),
      remark: (text) => void (result.err += text),
    });
    return { exitCode, ...result };
  }
}
