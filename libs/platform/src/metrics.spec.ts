import { Metrics } from './metrics.js';

describe('metrics', () => {
  it('share a prefix and belong to their own process', async () => {
    const metrics = new Metrics();
    metrics.counter({ name: 'things_total', help: 'things', labels: ['kind'] }).inc({ kind: 'a' });
    metrics.histogram({ name: 'work_seconds', help: 'work', buckets: [1] }).observe(0.5);
    const text = await metrics.registry.metrics();
    expect(text).toContain('quittance_things_total{kind="a"} 1');
    expect(text).toContain('quittance_work_seconds_bucket{le="1"} 1');
    expect(await new Metrics().registry.metrics()).not.toContain('things');
  });

  it('count from 0 where the values of every label are known', async () => {
    const metrics = new Metrics();
    const labels = { kind: ['a', 'b'], way: ['x', 'y'] };
    metrics.counter({ name: 'things_total', help: 'things', labels }).inc({ kind: 'b', way: 'x' });
    metrics.counter({ name: 'others_total', help: 'others', labels: ['kind'] });
    const lines = (await metrics.registry.metrics()).split('\n');
    expect(lines.filter((line) => line.startsWith('quittance_'))).toEqual([
      'quittance_things_total{kind="a",way="x"} 0',
      'quittance_things_total{kind="a",way="y"} 0',
      'quittance_things_total{kind="b",way="x"} 1',
      'quittance_things_total{kind="b",way="y"} 0',
    ]);
  });

  it('collect a gauge’s value at each scrape', async () => {
    const metrics = new Metrics();
    let depth = 0;
    metrics.gauge({ name: 'depth', help: 'depth', collect: (gauge) => gauge.set((depth += 1)) });
    expect(await metrics.registry.metrics()).toContain('quittance_depth 1');
    expect(await metrics.registry.metrics()).toContain('quittance_depth 2');
  });

  it('include process metrics on request', async () => {
    const metrics = new Metrics();
    metrics.collectProcessMetrics();
    expect(await metrics.registry.metrics()).toContain('process_resident_memory_bytes');
  });
});
