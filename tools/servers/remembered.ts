// Ports and passwords of the local servers, stored so that a person's own psql or redis-cli keeps
// working after a restart.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJson, writeJson } from '../json.mjs';
import { dataFolder } from '../place.mjs';

const path = join(dataFolder, 'servers.json');

type Server = 'postgres' | 'redis';
interface Entry {
  readonly port?: number;
  readonly password: string;
}

/** The entry of each server. */
export const remembered = (): { readonly [name in Server]?: Entry } => readJson(path) ?? {};

/** A new password for a local server. */
export const newPassword = (): string => randomBytes(18).toString('base64url');

/**
 * Starts a server with the password that it had before, and on its former port if that is free.
 * @returns the server's URL
 */
export async function startRemembered(
  name: Server,
  start: (as: {
    password: string;
    preferredPort?: number;
  }) => Promise<{ url: string; port: number }>,
): Promise<string> {
  const { port: preferredPort, password } = remembered()[name] ?? { password: newPassword() };
  const remember = (entry: Entry) => writeJson(path, { ...remembered(), [name]: entry });
  // Before the cluster exists: one whose password is lost is of no use.
  remember({ password, ...(preferredPort && { port: preferredPort }) });
  const { url, port } = await start({ password, ...(preferredPort && { preferredPort }) });
  remember({ port, password });
  return url;
}
