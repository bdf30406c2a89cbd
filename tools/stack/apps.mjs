// The five processes as data: where each listens, and what each may know. A process is handed only
// the settings it needs; the sandbox knows no database, the api no key that opens a card.
import { join } from 'node:path';
import { root } from '../place.mjs';

/** @typedef {'api' | 'orders' | 'sandbox' | 'webhook' | 'worker'} AppName */

/**
 * An app as data. `settings` names what is handed over besides the ports; `keySet` the file below the key folder.
 * @typedef {{ readonly name: AppName, readonly portVariable: string, readonly port: number,
 *   readonly settings: readonly (keyof ReturnType<typeof settingsOf>)[], readonly keySet?: string }} App
 */

/**
 * What the operator's CLI works with. `extra` goes into every process's environment.
 * @typedef {object} OperatorSetup
 * @property {string} databaseUrl
 * @property {string | undefined} redisUrl
 * @property {string} keyFolder
 * @property {Readonly<Record<string, string>>} [extra]
 */

/**
 * Where the apps listen, and what they work with.
 * @typedef {OperatorSetup & { readonly ports: Readonly<Record<AppName, number>>, readonly ordersDatabaseUrl: string,
 *   readonly redisUrl: string, readonly ledgerFile?: string }} AppSetup
 */

/**
 * In the order they are started. They are stopped the other way round: first what takes work in, last what is worked with.
 * @type {readonly App[]}
 */
export const APPS = [
  { name: 'sandbox', portVariable: 'SANDBOX_PORT', port: 9003, settings: ['SANDBOX_LEDGER_FILE'] },
  {
    name: 'orders',
    portVariable: 'ORDERS_PORT',
    port: 3002,
    settings: ['ORDERS_DATABASE_URL', 'REDIS_URL'],
  },
  {
    name: 'worker',
    portVariable: 'WORKER_PORT',
    port: 3003,
    settings: ['DATABASE_URL', 'REDIS_URL', 'PUBLIC_CALLBACK_URL'],
    keySet: 'worker',
  },
  {
    name: 'webhook',
    portVariable: 'WEBHOOK_PORT',
    port: 3001,
    settings: ['DATABASE_URL', 'REDIS_URL'],
    keySet: 'webhook',
  },
  {
    name: 'api',
    portVariable: 'API_PORT',
    port: 3000,
    settings: ['DATABASE_URL', 'REDIS_URL'],
    keySet: 'api',
  },
];

// Never inherited: each would give a process what is not its own.
const PRIVATE = ['DATABASE_URL', 'ORDERS_DATABASE_URL', 'REDIS_URL', 'QUITTANCE_KEYSET'];

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

/**
 * The program of an app.
 * @param {AppName} name
 */
export function entryOf(name) {
  return join(root, 'dist', 'apps', name, 'src', 'main.js');
}

/** The address an app listens on. */
export const HOST = '127.0.0.1';

/** @param {AppSetup} setup */
const settingsOf = (setup) => ({
  DATABASE_URL: setup.databaseUrl,
  ORDERS_DATABASE_URL: setup.ordersDatabaseUrl,
  REDIS_URL: setup.redisUrl,
  PUBLIC_CALLBACK_URL: `http://${HOST}:${setup.ports.webhook}`,
  SANDBOX_LEDGER_FILE: setup.ledgerFile,
});

/**
 * An app's environment.
 * @param {AppName} name
 * @param {AppSetup} setup
 * @returns {Record<string, string | undefined>}
 */
export function environmentOf(name, setup) {
  const app = APPS.find((candidate) => candidate.name === name);
  if (app === undefined) throw new Error(`there is no app ${name}`);
  const all = settingsOf(setup);
  const inherited = { ...process.env };
  for (const variable of PRIVATE) delete inherited[variable];
  const handed = app.settings.filter((variable) => all[variable] !== undefined);
  return {
    ...inherited,
    HOST,
    [app.portVariable]: String(setup.ports[name]),
    ...Object.fromEntries(handed.map((variable) => [variable, all[variable]])),
    ...(app.keySet && { QUITTANCE_KEYSET: join(setup.keyFolder, `${app.keySet}.json`) }),
    ...setup.extra,
  };
}

/**
 * The environment of the operator's CLI, which works on the same database with keys of its own.
 * @param {OperatorSetup} setup
 * @returns {Record<string, string | undefined>}
 */
export function operatorEnvironment(setup) {
  return {
    ...process.env,
    DATABASE_URL: setup.databaseUrl,
    REDIS_URL: setup.redisUrl,
    QUITTANCE_KEYSET: join(setup.keyFolder, 'operator.json'),
    ...setup.extra,
  };
}
