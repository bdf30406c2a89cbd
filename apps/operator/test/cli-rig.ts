// Runs the operator's command line on a database of its own and captures its output.
import { generateKeySets } from '@quittance/vault';
import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { runCli } from '../src/run-cli.js';

/** The exit code and the output of a run. */
export interface CliResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** The arguments that add a test terminal to `acme`, without a name and a private key. */
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

  /** Starts on a database with the merchant `acme`. */
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

  /**
   * Registers an operator and returns the key. `who` holds the environment variables of the person
   * who registers.
   */
  async addOperator(name: string, who: NodeJS.ProcessEnv = {}): Promise<string> {
    const { out, err, exitCode } = await this.runIn(who, 'operators', 'add', name);
    if (exitCode !== 0) throw new Error(err);
    return out.trimEnd();
  }

  /** Runs a command with some environment variables changed, or unset when empty. */
  async runIn(changes: NodeJS.ProcessEnv, ...args: string[]): Promise<CliResult> {
    const result = { out: '', err: '' };
    const env = {
      DATABASE_URL: this.database.urlAs('operator'),
      QUITTANCE_KEYSET: JSON.stringify(this.keySets.operator),
      ...changes,
    };
    const exitCode = await runCli(args, {
      env,
      version: '1.2.3',
      stdin: () => Promise.resolve('private-key-from-stdin\n'),
      print: (text) => void (result.out += text),
      remark: (text) => void (result.err += text),
    });
    return { exitCode, ...result };
  }
}
