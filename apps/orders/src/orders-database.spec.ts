import { Unavailable } from '@quittance/platform';
import { readFromDatabase } from './orders-database.js';

const failingWith = (code?: string) => () =>
  Promise.reject(Object.assign(new Error('failed'), code === undefined ? {} : { code }));

describe('readFromDatabase', () => {
  it('answers what was read', async () => {
    expect(await readFromDatabase(async () => 1)).toBe(1);
  });

  it.each(['ECONNREFUSED', '57P01', '53300', '08006', '25006'])(
    'asks the caller to come back when Postgres is away (%s)',
    async (code) => {
      const read = readFromDatabase(failingWith(code));
      await expect(read).rejects.toThrow(Unavailable);
      await expect(readFromDatabase(failingWith(code))).rejects.toMatchObject({ status: 503 });
    },
  );

  it('asks the caller to come back when a connection breaks, of which pg gives no code', async () => {
    const read = () => Promise.reject(new Error('Connection terminated unexpectedly'));
    await expect(readFromDatabase(read)).rejects.toMatchObject({ status: 503 });
  });

  it.each(['42P01', '22021', undefined])(
    'does not hide that a statement of ours is wrong (%s)',
    async (code) => {
      await expect(readFromDatabase(failingWith(code))).rejects.toMatchObject({
        message: 'failed',
        ...(code && { code }),
      });
    },
  );
});
