import { Terminals } from '@quittance/persistence';
import { Pool } from 'pg';
import { insertTestTerminal } from '../../../test/support/payments.js';
import {
  createTestDatabase,
  type TestDatabase,
  emptyPayments,
} from '../../../test/support/postgres.js';

const NOW = new Date('2026-11-21T10:00:00.000Z');
let database: TestDatabase;
let pool: Pool;
let terminals: Terminals;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url });
});
beforeEach(async () => {
  await emptyPayments(pool);
  await insertTestTerminal(pool, { baseUrl: 'https://gateway.example', sealedPrivateKey: 'jwe' });
  terminals = new Terminals(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('a terminal', () => {
  it('is found by its id and by the merchant’s name for it', async () => {
    const byId = await terminals.load('ter_test');
    expect(byId).toEqual({
      id: 'ter_test',
      version: expect.stringMatching(/^\d+$/) as unknown,
      merchantId: 'mer_test',
      name: 'main',
      baseUrl: 'https://gateway.example',
      number: 42,
      publicKey: 'public',
      sealedPrivateKey: 'jwe',
      protocol: 'encrypted',
      callbackEncryption: 'aes256',
      mode: 'test',
      lane: 'default',
      inquiry: 'trans_id',
      absentAfterMs: null,
      pausedReason: null,
    });
    expect(await terminals.loadByName('mer_test', 'main')).toEqual(byId);
  });

  it('is not found under another merchant, or before it exists', async () => {
    expect(await terminals.loadByName('mer_other', 'main')).toBeUndefined();
    expect(await terminals.load('ter_later')).toBeUndefined();
    await insertTestTerminal(pool, { id: 'ter_later', name: 'later' });
    expect((await terminals.load('ter_later'))?.name).toBe('later');
  });

  it('is read once for many payments', async () => {
    await terminals.load('ter_test');
    await emptyPayments(pool);
    expect(await terminals.load('ter_test')).toMatchObject({ id: 'ter_test' });
    expect(await new Terminals(pool).load('ter_test')).toBeUndefined();
  });
});

describe('a cached terminal', () => {
  const versionNow = async () => {
    const { rows } = await pool.query<{ version: string }>(
      'SELECT xmin::text AS version FROM terminals',
    );
    return rows[0]?.version ?? '';
  };

  it('has the version that was read with the payment, whatever changed meanwhile', async () => {
    await terminals.load('ter_test');
    await pool.query(`UPDATE terminals SET inquiry = 'reference'`);
    expect(await terminals.load('ter_test')).toMatchObject({ inquiry: 'trans_id' });
    const version = await versionNow();
    expect(await terminals.load('ter_test', version)).toMatchObject({
      inquiry: 'reference',
      version,
    });
    // The same holds for a caller that names no version.
    expect(await terminals.load('ter_test')).toMatchObject({ version });
  });

  it('is not read again while it is unchanged', async () => {
    const version = await versionNow();
    await terminals.load('ter_test', version);
    await emptyPayments(pool);
    expect(await terminals.load('ter_test', version)).toMatchObject({ version });
  });

  it('is read again if the read in progress started before the change', async () => {
    const old = terminals.load('ter_test');
    await pool.query(`UPDATE terminals SET inquiry = 'probe'`);
    expect(await terminals.load('ter_test', await versionNow())).toMatchObject({
      inquiry: 'probe',
    });
    await old;
  });
});

describe('pausing', () => {
  it('is seen at once by the process that paused', async () => {
    await terminals.load('ter_test');
    await terminals.pause('ter_test', 'gateway_5015', NOW);
    expect(await terminals.load('ter_test')).toMatchObject({ pausedReason: 'gateway_5015' });
  });

  it('retains its first reason and its first instant', async () => {
    await terminals.pause('ter_test', 'gateway_5015', NOW);
    await terminals.pause('ter_test', 'gateway_5001', new Date(NOW.getTime() + 1));
    const { rows } = await pool.query('SELECT paused_at, paused_reason FROM terminals');
    expect(rows).toEqual([{ paused_at: NOW, paused_reason: 'gateway_5015' }]);
  });
});

it('names each lane once', async () => {
  await insertTestTerminal(pool, { id: 'ter_b', name: 'b' });
  await insertTestTerminal(pool, { id: 'ter_c', name: 'c' });
  await pool.query(`UPDATE terminals SET lane = 'bulk' WHERE id = 'ter_c'`);
  expect(await terminals.lanes()).toEqual(['bulk', 'default']);
});
