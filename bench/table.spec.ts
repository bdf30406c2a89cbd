import { figureRows, verdicts } from './table.js';

const contestant = (total: number, peak: number) => ({
  intake: { per_second: 1 },
  cpu_ms_per_payment: { total },
  memory_mb: {
    api: { now: 100, peak: 110 },
    worker: { now: 100, peak },
    webhook: { now: 100, peak: 200 },
    orders: { now: 100, peak: 90 },
    postgres: { now: 300 },
  },
});
const figures = {
  payments: 600,
  quittance: { ...contestant(8, 120), finished_by_callback: 1 },
  bare: contestant(4, 210),
  overhead: { p50_ms: 11, p95_ms: 20, p99_ms: 41, to_floor: 2 },
  batch: { ratio: 5 },
  ratio: 1,
  cpu_ratio: 1.2,
};

describe('the table', () => {
  it('has a row for each figure, with a column for each contestant', () => {
    const rows = figureRows(figures, ['quittance', 'bare']);
    expect(rows['intake.per_second']).toEqual({ quittance: 1, bare: 1 });
    expect(rows['cpu_ms_per_payment.total']).toEqual({ quittance: 8, bare: 4 });
  });

  it('has a row for each figure of the run', () => {
    const rows = figureRows(figures, ['quittance', 'bare']);
    expect(rows['overhead.p50_ms']).toEqual({ value: 11 });
  });
});

describe('the verdicts', () => {
  it('compare each figure that has a target with it', () => {
    const memory = { target: '<= 150', verdict: 'reached' };
    expect(verdicts(figures)).toEqual([
      { figure: 'ratio', value: 1, target: '>= 1', verdict: 'reached' },
      { figure: 'cpu_ratio', value: 1.2, target: '<= 1.1', verdict: 'MISSED' },
      { figure: 'quittance.finished_by_callback', value: 1, target: '>= 1', verdict: 'reached' },
      { figure: 'overhead.p50_ms', value: 11, target: '<= 10', verdict: 'MISSED' },
      { figure: 'overhead.p95_ms', value: 20, target: '<= 20', verdict: 'reached' },
      { figure: 'overhead.p99_ms', value: 41, target: '<= 40', verdict: 'MISSED' },
      { figure: 'overhead.to_floor', value: 2, target: '<= 2', verdict: 'reached' },
      { figure: 'batch.ratio', value: 5, target: '>= 5', verdict: 'reached' },
      { ...memory, figure: 'quittance.memory_mb.api.peak', value: 110 },
      { ...memory, figure: 'quittance.memory_mb.worker.peak', value: 120 },
      { ...memory, figure: 'quittance.memory_mb.webhook.peak', value: 200, verdict: 'MISSED' },
      { ...memory, figure: 'quittance.memory_mb.orders.peak', value: 90 },
    ]);
  });

  it('include the target of the usual version if it took part', () => {
    const target = { figure: 'ratio_to_usual', value: 1.9, target: '>= 2', verdict: 'MISSED' };
    expect(verdicts({ ...figures, usual: {}, ratio_to_usual: 1.9 })).toContainEqual(target);
  });

  it('miss a target whose figure is not there', () => {
    const { ratio: _, ...without } = figures;
    expect(verdicts(without)[0]).toMatchObject({ verdict: 'MISSED' });
  });
});
