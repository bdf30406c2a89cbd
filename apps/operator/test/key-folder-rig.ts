// A folder of key files for the operator's CLI, and processes that report their keys.
import { type KeyHolder, KeyHolders } from '@quittance/persistence';
import {
  generateKeySets,
  KEY_SET_HOLDERS,
  type KeySetHolder,
  type KeySetJson,
  keyNames,
  type KeyPurpose,
  parseKeySet,
} from '@quittance/vault';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliRig, CliResult } from './cli-rig.js';

/** The contents of the files, by holder. */
export type KeyFiles = Readonly<Record<KeySetHolder, string>>;

export class KeyFolderRig {
  readonly path = mkdtempSync(join(tmpdir(), 'key-folder-'));
  readonly #holders: KeyHolders;

  constructor(private readonly cli: CliRig) {
    this.#holders = new KeyHolders(cli.pool);
  }

  /** Writes new files, and removes all running processes and all recorded key uses. */
  async reset(): Promise<void> {
    for (const name of readdirSync(this.path)) rmSync(join(this.path, name));
    const sets = generateKeySets();
    for (const holder of KEY_SET_HOLDERS) this.write(holder, JSON.stringify(sets[holder]));
    await this.cli.pool.query('TRUNCATE key_holders, key_uses');
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  file(holder: KeySetHolder): string {
    return join(this.path, `${holder}.json`);
  }

  write(holder: KeySetHolder, text: string): void {
    writeFileSync(this.file(holder), text, { mode: 0o600 });
  }

  read(): KeyFiles {
    const texts = KEY_SET_HOLDERS.map((holder) => [
      holder,
      readFileSync(this.file(holder), 'utf8'),
    ]);
    return Object.fromEntries(texts) as KeyFiles;
  }

  put(files: KeyFiles): void {
    for (const holder of KEY_SET_HOLDERS) this.write(holder, files[holder]);
  }

  set(holder: KeySetHolder): KeySetJson {
    return JSON.parse(readFileSync(this.file(holder), 'utf8')) as KeySetJson;
  }

  kids(holder: KeySetHolder, purpose: KeyPurpose): string[] {
    return (this.set(holder)[purpose] ?? []).map((key) => String(key['kid']));
  }

  /** Returns the names in the folder, with the files' permissions. */
  listing(): string[] {
    return readdirSync(this.path).map((name) => {
      const { mode } = statSync(join(this.path, name));
      return `${name} ${(mode & 0o777).toString(8)}`;
    });
  }

  /** Runs `quittance keys …` on this folder. */
  run(...args: string[]): Promise<CliResult> {
    return this.runIn({}, ...args);
  }

  runIn(changes: NodeJS.ProcessEnv, ...args: string[]): Promise<CliResult> {
    const env = { QUITTANCE_KEYSET: this.file('operator'), ...changes };
    return this.cli.runIn(env, 'keys', ...args);
  }

  /** Reports that a process has the keys in its file, or those of `text`. */
  async announce(app: KeyHolder['app'], text = this.read()[app], processId = app): Promise<void> {
    const keys = keyNames(parseKeySet(text));
    await this.#holders.announce({ processId, app, host: 'here', pid: 7, keys });
  }

  async announceAll(): Promise<void> {
    for (const app of ['api', 'worker', 'webhook'] as const) await this.announce(app);
  }

  /** Moves the last use of all keys back in time. */
  async ageUses(ms: number): Promise<void> {
    await this.cli.pool.query(
      `UPDATE key_uses SET last_active_at = last_active_at - $1 * interval '1 millisecond'`,
      [ms],
    );
  }
}
