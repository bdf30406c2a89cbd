import { Metrics } from '@quittance/platform';
import { eventually } from '../../../test/support/eventually.js';
import { registerQueueMetrics } from './queue-metrics.js';
import { openTestQueues } from './queues.fixture.js';

describe('the queue metrics', () => {
  const test = openTestQueues();
  beforeAll(() => eventually(() => test.connections.check()));
  afterAll(() => test.close());

  const valueOf = async (metrics: Metrics, line: string): Promise<number | undefined> => {
    const text = await metrics.registry.metrics();
    const found = text.split('\n').find((candidate) => candidate.startsWith(`quittance_${line} `));
    return found === undefined ? undefined : Number(found.split(' ')[1]);
  };

  it('report the depth by state and the age of the oldest waiting job', async () => {
    const metrics = new Metrics();
    const queue = test.queues.get('inquiry');
    registerQueueMetrics({ metrics, queues: test.queues, names: () => ['inquiry'] });
    await queue.add('x', {}, { timestamp: Date.now() - 90_000 });
    await queue.add('x', {});
    await queue.add('x', {}, { delay: 60_000 });
    expect(await valueOf(metrics, 'queue_jobs{queue="inquiry",state="waiting"}')).toBe(2);
    expect(await valueOf(metrics, 'queue_jobs{queue="inquiry",state="delayed"}')).toBe(1);
    const age = await valueOf(metrics, 'queue_oldest_waiting_seconds{queue="inquiry"}');
    expect(age).toBeGreaterThanOrEqual(90);
    expect(age).toBeLessThan(150);
  });

  it('count jobs that take turns as waiting', async () => {
    const metrics = new Metrics();
    registerQueueMetrics({ metrics, queues: test.queues, names: () => ['watch'] });
    const queue = test.queues.get('watch');
    await queue.add('x', {}, { priority: 7, timestamp: Date.now() - 90_000 });
    expect(await valueOf(metrics, 'queue_jobs{queue="watch",state="waiting"}')).toBe(1);
    const age = await valueOf(metrics, 'queue_oldest_waiting_seconds{queue="watch"}');
    expect(age).toBeGreaterThanOrEqual(90);
  });

  it('report jobs of a paused queue separately, and zero for an empty queue', async () => {
    const metrics = new Metrics();
    const queue = test.queues.get('submission-paused');
    registerQueueMetrics({
      metrics,
      queues: test.queues,
      names: async () => ['submission-paused', 'submission-empty'],
    });
    await queue.pause();
    await queue.add('x', {});
    expect(await valueOf(metrics, 'queue_jobs{queue="submission-paused",state="paused"}')).toBe(1);
    expect(await valueOf(metrics, 'queue_jobs{queue="submission-paused",state="waiting"}')).toBe(0);
    expect(await valueOf(metrics, 'queue_oldest_waiting_seconds{queue="submission-empty"}')).toBe(
      0,
    );
  });
});
