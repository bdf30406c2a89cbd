import { readFileSync } from 'node:fs';
import { APPS, ARENAS, environmentOf, NODE_OPTIONS, type AppName } from './apps.js';

const SETUP = {
  ports: { api: 1, webhook: 2, orders: 3, worker: 4, sandbox: 5 },
  databaseUrl: 'postgres://payments',
  ordersDatabaseUrl: 'postgres://orders',
  redisUrl: 'redis://queues',
  keyFolder: 'keys',
  ledgerFile: 'ledger',
  logFolder: 'logs',
};
const SECRETS = ['DATABASE_URL', 'ORDERS_DATABASE_URL', 'REDIS_URL', 'QUITTANCE_KEYSET'];

function secretsOf(name: AppName): string[] {
  const environment = environmentOf(name, SETUP);
  return SECRETS.filter((variable) => environment[variable] !== undefined);
}

describe('environmentOf', () => {
  it.each<[AppName, string[]]>([
    ['sandbox', []],
    ['orders', ['ORDERS_DATABASE_URL', 'REDIS_URL']],
    ['worker', ['DATABASE_URL', 'REDIS_URL', 'QUITTANCE_KEYSET']],
    ['webhook', ['DATABASE_URL', 'REDIS_URL', 'QUITTANCE_KEYSET']],
    ['api', ['DATABASE_URL', 'REDIS_URL', 'QUITTANCE_KEYSET']],
  ])('hands the %s only what it works with', (name, expected) => {
    expect(secretsOf(name)).toEqual(expected);
  });

  it('gives every process with keys a key set of its own', () => {
    const files = APPS.map(({ name }) => environmentOf(name, SETUP)['QUITTANCE_KEYSET']);
    const keySets = [...files, environmentOf('operator', SETUP)['QUITTANCE_KEYSET']].filter(
      Boolean,
    );
    expect(new Set(keySets).size).toBe(4);
  });

  it('tells the worker where the webhook app can be called back', () => {
    expect(environmentOf('worker', SETUP)['PUBLIC_CALLBACK_URL']).toBe('http://127.0.0.1:2');
  });

  it('passes the api its own address', () => {
    expect(environmentOf('api', SETUP)['PUBLIC_API_URL']).toBe('http://127.0.0.1:1');
  });
});

it('the image tells Node the same as the local stack', () => {
  const image = readFileSync('Dockerfile', 'utf8');
  expect(image).toContain(`NODE_OPTIONS="${NODE_OPTIONS.join(' ')}"`);
  expect(image).toContain(`MALLOC_ARENA_MAX=${ARENAS.MALLOC_ARENA_MAX}`);
});
