import { eventually } from './eventually.js';

describe('eventually', () => {
  it('returns the first result that is not an error', async () => {
    let attempts = 0;
    const result = await eventually(
      () => {
        attempts += 1;
        if (attempts < 3) throw new Error('not yet');
        return attempts;
      },
      { everyMs: 1 },
    );
    expect(result).toBe(3);
  });

  it('fails with the last error when the limit is over', async () => {
    const never = () => Promise.reject(new Error('still away'));
    await expect(eventually(never, { limitMs: 5, everyMs: 1 })).rejects.toThrow('still away');
  });
});
