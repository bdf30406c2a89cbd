import { createLogger } from '@quittance/platform';
import { DirectOrders } from './direct-orders.js';
import { type NewJob, submissionJob } from './jobs.js';

const log = createLogger({ name: 'test', level: 'silent' });
const at = new Date('2026-11-28T10:00:00.000Z');
const order = (number: number): NewJob =>
  submissionJob({ paymentId: `pi_${number}`, merchantId: 'mer_1', lane: 'main', version: 1, at });

it('leaves the relay the jobs that were not added directly', async () => {
  const added: NewJob[] = [];
  const add = async (jobs: readonly NewJob[]) => void added.push(...jobs);
  const orders = new DirectOrders({ add }, log);
  await orders.add([order(1), order(2)]);
  expect(added).toEqual([order(1), order(2)]);
  expect(orders.remaining([order(1), order(2), order(3)])).toEqual([order(3)]);
});

it('leaves the relay a job once it was asked for it, because its transaction may have failed', async () => {
  const orders = new DirectOrders({ add: async () => undefined }, log);
  await orders.add([order(1)]);
  expect(orders.remaining([order(1)])).toEqual([]);
  expect(orders.remaining([order(1)])).toEqual([order(1)]);
});

it('leaves the relay all jobs of an addition that failed', async () => {
  const orders = new DirectOrders({ add: () => Promise.reject(new Error('away')) }, log);
  await orders.add([order(1), order(2)]);
  expect(orders.remaining([order(1), order(2)])).toEqual([order(1), order(2)]);
});

it('does not remember jobs that no relay adds', async () => {
  const orders = new DirectOrders({ add: async () => undefined }, log);
  expect(await orders.addDue([order(1)])).toBe(true);
  expect(orders.remaining([order(1)])).toEqual([order(1)]);
});

it('forgets the oldest of ten thousand jobs', async () => {
  const orders = new DirectOrders({ add: async () => undefined }, log);
  const many = Array.from({ length: 10_001 }, (_, number) => order(number));
  await orders.add(many);
  expect(orders.remaining(many)).toEqual([order(0)]);
});
