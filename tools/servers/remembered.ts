// Ports and passwords of the local servers, stored so that a person's own psql or redis-cli keeps
// working after a restart.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataPath } from '../place.mjs';

const path = () => join(dataPath(), 'servers.json');

interface Entry {
  readonly port?: number | undefined;
  readonly password: string;
}

/** The entry of each server. */
export function remembered(): { readonly postgres?: Entry; readonly redis?: Entry } {
  try {
    return JSON.parse(readFileSync(path(), 'utf8')) as ReturnType<typeof remembered>;
  } catch {
    return {};
  }
}

/** Adds or replaces one server's entry. The file is readable by its owner only. */
export function remember(server: 'postgres' | 'redis', entry: Entry): void {
  const content = { ...remembered(), [server]: entry };
  writeFileSync(path(), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

/** A new password for a local server. */
export const newPassword = (): string => randomBytes(18).toString('base64url');
