// The five processes as data: where each listens, and what each may know. A process receives only
// the settings that it needs; the sandbox knows no database, the api no key that opens a card.
import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeySets } from '@quittance/vault';
import { APP_PORTS, type AppName } from '../../apps/deploy/src/app-ports.js';
import { writeJson } from '../json.mjs';
import { root } from '../place.mjs';

export type { AppName } from '../../apps/deploy/src/app-ports.js';

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The setup of a stack: ports, servers, keys and logs. */
export interface StackSetup {
  readonly ports: Readonly<Record<AppName, number>>;
  readonly databaseUrl: string;
  readonly ordersDatabaseUrl: string;
  readonly redisUrl: string;
  /** Contains a key set for each process that has one. */
  readonly keyFolder: string;
  readonly ledgerFile?: string;
  readonly logFolder: string;
  /** Variables of every process. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Over what is the same for all apps: another program than that of `dist/`, or variables. */
  readonly programOf?: (
    name: AppName,
    setup: StackSetup,
  ) => { program?: string; args?: readonly string[]; env?: Environment };
}

const SERVERS = ['DATABASE_URL', 'REDIS_URL', 'QUITTANCE_KEYSET'];

/**
 * In the order they are started. They are stopped the other way round: first what takes work in,
 * last what is worked with.
 */
export const APPS: readonly { readonly name: AppName; readonly settings: readonly string[] }[] = [
  { name: 'sandbox', settings: ['SANDBOX_LEDGER_FILE'] },
  { name: 'orders', settings: ['ORDERS_DATABASE_URL', 'REDIS_URL'] },
  { name: 'worker', settings: [...SERVERS, 'PUBLIC_CALLBACK_URL'] },
  { name: 'webhook', settings: SERVERS },
  { name: 'api', settings: [...SERVERS, 'PUBLIC_API_URL'] },
];

/**
 * Without these limits, V8 lets dead payments pile up to several times of what is alive (50 MB)
 * before it collects them. The image has the same options.
 */
export const NODE_OPTIONS = ['--max-old-space-size=512', '--max-semi-space-size=4'];
/** Without it, glibc retains memory for each thread. The image has the same setting. */
export const ARENAS = { MALLOC_ARENA_MAX: '2' };

/** The address an app listens on. */
export const HOST = '127.0.0.1';

/** The program of an app. */
export const entryOf = (name: AppName | 'operator'): string =>
  join(root, 'dist', 'apps', name, 'src', 'main.js');

/**
 * Makes the key sets unless they are there; only their owner can read them.
 * @returns true if they were made
 */
export function ensureKeySets(folder: string): boolean {
  if (existsSync(folder)) return false;
  const unfinished = mkdtempSync(`${folder}-`);
  for (const [name, keySet] of Object.entries(generateKeySets()))
    writeJson(join(unfinished, `${name}.json`), keySet);
  renameSync(unfinished, folder);
  return true;
}

/**
 * The environment of an app, or of the operator's CLI, which has keys of its own. Of the settings
 * here it inherits none that is not its own.
 */
export function environmentOf(name: AppName | 'operator', setup: StackSetup): Environment {
  const settings = APPS.find((app) => app.name === name)?.settings ?? SERVERS;
  const all = {
    DATABASE_URL: setup.databaseUrl,
    ORDERS_DATABASE_URL: setup.ordersDatabaseUrl,
    REDIS_URL: setup.redisUrl,
    QUITTANCE_KEYSET: join(setup.keyFolder, `${name}.json`),
    PUBLIC_CALLBACK_URL: `http://${HOST}:${setup.ports.webhook}`,
    PUBLIC_API_URL: `http://${HOST}:${setup.ports.api}`,
    SANDBOX_LEDGER_FILE: setup.ledgerFile,
  };
  const own = Object.entries(all).map(([variable, value]) => [
    variable,
    settings.includes(variable) ? value : undefined,
  ]);
  const port = name !== 'operator' && { [APP_PORTS[name].variable]: String(setup.ports[name]) };
  const base = { ...ARENAS, ...process.env, HOST };
  return { ...base, ...port, ...Object.fromEntries(own), ...setup.extra };
}
