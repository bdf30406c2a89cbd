import { Metrics } from '@quittance/platform';
import fc from 'fast-check';
import { RequestsInFlight } from '../access/limits/requests-in-flight.js';
import { LongPollSlots } from './long-poll.js';

const inFlight = () => new RequestsInFlight({ perKey: 1, perAddress: 1, inFlight: 1 });

describe('the slots of long polls', () => {
  it('never exceed the limits, in total and per key, and are returned', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (taken) => {
        const slots = new LongPollSlots({ max: 5, maxPerKey: 3 }, inFlight(), new Metrics());
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
            const freeSlot = slots.take(key);
            expect(freeSlot !== undefined).toBe(total < 5 && ofKey.length < 3);
            if (freeSlot) ofKey.push(freeSlot);
          }
        }
      }),
    );
  });

  it('are counted', async () => {
    const metrics = new Metrics();
    const slots = new LongPollSlots({ max: 1, maxPerKey: 1 }, inFlight(), metrics);
    const freeSlot = slots.take('a');
    slots.take('a');
    expect(await metrics.registry.metrics()).toMatch(/^quittance_answers_held 1$/m);
    expect(await metrics.registry.metrics()).toMatch(/^quittance_answers_not_held_total 1$/m);
    freeSlot?.();
    expect(await metrics.registry.metrics()).toMatch(/^quittance_answers_held 0$/m);
  });
});
