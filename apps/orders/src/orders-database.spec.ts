import { Unavailable } from '@quittance/platform';
import { readFromDatabase } from './orders-database.js';

const failingWith = (code?: string) => () =>
  Promise.reject(Object.assign(new Error('failed'), code === undefined ? {} : { code }));

describe('readFromDatabase', () => {
  it('answers what was read', async () => {
    expect(await readFromDatabase(async () => 1)).toBe(1);
  });

  it.each([['ECONNREFUSED'], ['57P01'], ['53300'], ['08006'], [undefined]])(
    'asks the caller to come back when Postgres is away (%s)',
    async (code) => {
      const read = readFromDatabase(failingWith(code));
      await expect(read).rejects.toThrow(Unavailable);
      await expect(readFromDatabase(failingWith(code))).rejects.toMatchObject({ status: 503 });
    },
  );

  it.each(['42P01', '22021'])(
    'does not hide that a statement of ours is wrong (%s)',
    async (code) => {
      await expect(readFromDatabase(failingWith(code))).rejects.toMatchObject({ code });
    },
  );
});
