// The ways in which Redis can be lost while payments come in.
import { setTimeout as pause } from 'node:timers/promises';

const FLUSHES = 3;
const BETWEEN_FLUSHES_MS = 1_500;

/**
 * @typedef {{ name: string, happen: (redis: object, options: { outageMs: number, random: object }) => Promise<void> }} Loss
 * @type {readonly Loss[]}
 */
export const LOSSES = [
  {
    name: 'FLUSHALL, three times',
    happen: async (redis, { random }) => {
      for (let count = 0; count < FLUSHES; count += 1) {
        await pause(random.below(BETWEEN_FLUSHES_MS));
        await redis.command('FLUSHALL');
      }
    },
  },
  {
    name: 'frozen, then back with its data',
    happen: async (redis, { outageMs }) => {
      redis.freeze();
      await pause(outageMs);
      redis.thaw();
    },
  },
  {
    name: 'killed, then back empty',
    happen: async (redis, { outageMs }) => {
      await redis.kill();
      await pause(outageMs);
      await redis.startAgain();
    },
  },
];
