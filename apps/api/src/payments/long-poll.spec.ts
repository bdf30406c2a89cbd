import { Metrics } from '@quittance/platform';
import fc from 'fast-check';
import { HoldingPlaces } from './long-poll.js';

describe('places for held answers', () => {
  it('are never more than there are, in all and for one key, and come back', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (taken) => {
        const places = new HoldingPlaces({ max: 5, maxPerKey: 3 }, new Metrics());
        const held = new Map<string, (() => void)[]>([
          ['a', []],
          ['b', []],
          ['c', []],
        ]);
        for (const [key, isTaking] of taken) {
          const ofKey = held.get(key) ?? [];
          const total = [...held.values()].flat().length;
          if (!isTaking) ofKey.pop()?.();
          else {
            const giveBack = places.take(key);
            expect(giveBack !== undefined).toBe(total < 5 && ofKey.length < 3);
            if (giveBack) ofKey.push(giveBack);
          }
        }
      }),
    );
  });

  it('are counted', async () => {
    const metrics = new Metrics();
    const places = new HoldingPlaces({ max: 1, maxPerKey: 1 }, metrics);
    const giveBack = places.take('a');
    places.take('a');
    expect(await metrics.registry.metrics()).toMatch(/^quittance_answers_held 1$/m);
    expect(await metrics.registry.metrics()).toMatch(/^quittance_answers_not_held_total 1$/m);
    giveBack?.();
    expect(await metrics.registry.metrics()).toMatch(/^quittance_answers_held 0$/m);
  });
});
