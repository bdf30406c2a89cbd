import { Unavailable } from '@quittance/platform';
import { readFromDatabase } from './orders-database.js';

const failingWith = (code?: string) => () =>
  Promise.reject(Object.assign(new Error('failed'), code === undefined ? {} : { code }));

describe('readFromDatabase', () => {
  it('returns the result of the read', async () => {
    expect(await readFromDatabase(async () => 1)).toBe(1);
  });

  it.each(['ECONNREFUSED', '57P01', '53300', '08006', '25006'])(
    'throws Unavailable when Postgres is unavailable (%s)',
    async (code) => {
      const read = readFromDatabase(failingWith(code));
      await expect(read).rejects.toThrow(Unavailable);
      await expect(readFromDatabase(failingWith(code))).rejects.toMatchObject({ status: 503 });
    },
  );

  it('throws Unavailable when a connection breaks, for which pg has no code', async () => {
    const read = () => Promise.reject(new Error('Connection terminated unexpectedly'));
    await expect(readFromDatabase(read)).rejects.toMatchObject({ status: 503 });
  });

  it.each(['42P01', '22021', undefined])(
    'does not hide a wrong statement of ours (%s)',
    async (code) => {
      await expect(readFromDatabase(failingWith(code))).rejects.toMatchObject({
        message: 'failed',
        ...(code && { code }),
      });
    },
  );
});
