import type { Figures, FiguresWithMemory } from './figures.js';
import { figuresTable } from './table.js';

const contestant = (total: number): FiguresWithMemory => ({
  intake: { per_second: 1, p50_ms: 2, p99_ms: 3 },
  end_to_end: { per_second: 4, rounds_per_second: [], p50_ms: 5, p99_ms: 6 },
  cpu_ms_per_payment: { total },
  memory_mb: { api: { now: 100, peak: 110 } },
});
const overhead = { p50_ms: 18, p99_ms: 30 };
const machine = { date: '', processors: 2, model: 'a processor', memory_gb: 4, node: '20' };
const figures: Figures = {
  payments: 600,
  rounds: 2,
  connections: 64,
  machine: { ...machine, load_before: 0 },
  quittance: { ...contestant(8), finished_by_callback: 1 },
  bare: contestant(4),
  overhead: { ...overhead, payments: 200, prefer_wait: overhead, bare_gateway_call: overhead },
  ratio: 0.5,
  cpu_ratio: 2,
};
const guarded = { ...contestant(10), kept: undefined };
const third = { guarded, ratio_to_guarded: 1.3, cpu_ratio_to_guarded: 0.8 };

describe('the table', () => {
  it('has a column for each of two, and no word of a third', () => {
    const table = figuresTable(figures);
    expect(table).toMatch(/^ +Quittance +bare$/m);
    expect(table).toMatch(/^ +intake per second +1 +1$/m);
    expect(table).not.toContain('guarded');
  });

  it('has a third column where the guarded version took part', () => {
    const table = figuresTable({ ...figures, ...third });
    expect(table).toMatch(/^ +Quittance +bare +guarded$/m);
    expect(table).toMatch(/^ +intake per second +1 +1 +1$/m);
  });

  it('shows the ratios to it without a target', () => {
    const table = figuresTable({ ...figures, ...third });
    expect(table).toMatch(/^ +ratio, end to end per second to guarded +1\.3$/m);
    expect(table).toMatch(/^ +CPU per payment, Quittance to guarded +0\.8$/m);
  });
});
