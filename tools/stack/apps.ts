// The five processes as data: where each listens, and what each may know. A process receives only
// the settings that it needs; the sandbox knows no database, the api no key that opens a card.
import { join } from 'node:path';
import { APP_PORTS, type AppName } from '../../apps/deploy/src/app-ports.js';
import { root } from '../place.mjs';

export type { AppName } from '../../apps/deploy/src/app-ports.js';

/** The setup of the operator's CLI. `extra` goes into every process's environment. */
export interface OperatorSetup {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly keyFolder: string;
  readonly extra?: Readonly<Record<string, string>>;
}

/** The ports of the apps, and their dependencies. */
export interface AppSetup extends OperatorSetup {
  readonly ports: Readonly<Record<AppName, number>>;
  readonly ordersDatabaseUrl: string;
  readonly redisUrl: string;
  readonly ledgerFile?: string;
}

/** An app as data: its name, and its settings besides the port. */
export interface App {
  readonly name: AppName;
  readonly settings: readonly string[];
}

const SERVERS = ['DATABASE_URL', 'REDIS_URL', 'QUITTANCE_KEYSET'];

/**
 * In the order they are started. They are stopped the other way round: first what takes work in,
 * last what is worked with.
 */
export const APPS: readonly App[] = [
  { name: 'sandbox', settings: ['SANDBOX_LEDGER_FILE'] },
  { name: 'orders', settings: ['ORDERS_DATABASE_URL', 'REDIS_URL'] },
  { name: 'worker', settings: [...SERVERS, 'PUBLIC_CALLBACK_URL'] },
  { name: 'webhook', settings: SERVERS },
  { name: 'api', settings: SERVERS },
];

/**
 * Options of Node. Without them, V8 lets dead payments pile up to several times of what is alive
 * (some 50 MB) before it looks; with a limit, which is still ten times of that, it looks earlier,
 * at no measurable cost. The image says the same.
 */
export const NODE_OPTIONS = [
  '--enable-source-maps',
  '--max-old-space-size=512',
  '--max-semi-space-size=8',
];

/** The address an app listens on. */
export const HOST = '127.0.0.1';

/** The program of an app. */
export const entryOf = (name: AppName | 'operator'): string =>
  join(root, 'dist', 'apps', name, 'src', 'main.js');

const keySetFile = ({ keyFolder }: OperatorSetup, name: string) => join(keyFolder, `${name}.json`);

/** An app's environment. Of the settings here it inherits none that is not its own. */
export function environmentOf(name: AppName, setup: AppSetup): Record<string, string | undefined> {
  const { settings } = APPS.find((app) => app.name === name)!;
  const all = {
    DATABASE_URL: setup.databaseUrl,
    ORDERS_DATABASE_URL: setup.ordersDatabaseUrl,
    REDIS_URL: setup.redisUrl,
    QUITTANCE_KEYSET: keySetFile(setup, name),
    PUBLIC_CALLBACK_URL: `http://${HOST}:${setup.ports.webhook}`,
    SANDBOX_LEDGER_FILE: setup.ledgerFile,
  };
  const own = Object.entries(all).map(([variable, value]) => [
    variable,
    settings.includes(variable) ? value : undefined,
  ]);
  const port = { [APP_PORTS[name].variable]: String(setup.ports[name]) };
  return { ...process.env, HOST, ...port, ...Object.fromEntries(own), ...setup.extra };
}

/** The environment of the operator's CLI, which works on the same database with keys of its own. */
export function operatorEnvironment(setup: OperatorSetup): Record<string, string | undefined> {
  return {
    ...process.env,
    DATABASE_URL: setup.databaseUrl,
    REDIS_URL: setup.redisUrl,
    QUITTANCE_KEYSET: keySetFile(setup, 'operator'),
    ...setup.extra,
  };
}
