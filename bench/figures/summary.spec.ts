import { allRatios, contestantFigures, overheadFigures, ratios, type Round } from './summary.js';

const aRound = (given: Partial<Round> = {}): Round => ({
  count: 100,
  intakeMs: 500,
  intakeLatenciesMs: [1, 2, 3],
  endToEndMs: 1000,
  storedAfterMs: [10, 20, 30],
  cpuMs: { api: 100, postgres: 200 },
  ...given,
});

describe('the figures of a contestant', () => {
  it('are rates per second, the median of the rounds', () => {
    const rounds = [1000, 500, 250].map((endToEndMs) => aRound({ endToEndMs }));
    const { intake, end_to_end } = contestantFigures(rounds);
    expect(intake.per_second).toBe(200);
    expect(end_to_end.per_second).toBe(200);
    expect(end_to_end.rounds_per_second).toEqual([100, 200, 400]);
  });

  it('take the percentiles over the payments of all rounds', () => {
    const rounds = [aRound(), aRound({ storedAfterMs: [40, 50] })];
    expect(contestantFigures(rounds).end_to_end).toMatchObject({ p50_ms: 30, p99_ms: 50 });
  });

  it('divide CPU time by all payments, process by process and together', () => {
    const rounds = [aRound(), aRound({ count: 300, cpuMs: { api: 300, postgres: 200 } })];
    expect(contestantFigures(rounds).cpu_ms_per_payment).toEqual({
      api: 1,
      postgres: 1,
      total: 2,
    });
  });
});

describe('the ratio to the plain version', () => {
  it('is the median over the pairs of rounds, so that one disturbed pair does not count', () => {
    const bare = [aRound(), aRound(), aRound()];
    const quittance = [1250, 1250, 10_000].map((endToEndMs) => aRound({ endToEndMs }));
    expect(ratios(quittance, bare).ratio).toBe(0.8);
  });

  it('is above one for CPU when Quittance uses more', () => {
    const heavier = aRound({ cpuMs: { api: 200, postgres: 250 } });
    expect(ratios([heavier], [aRound()]).cpu_ratio).toBe(1.5);
  });
});

describe('the ratios of a run', () => {
  const quittance = [aRound()];
  const bare = [aRound({ endToEndMs: 500, cpuMs: { api: 150 } })];

  it('are those to the plain version where nobody else took part', () => {
    const rounds = new Map([
      ['bare', bare],
      ['quittance', quittance],
    ]);
    expect(allRatios(rounds)).toEqual({ ratio: 0.5, cpu_ratio: 2 });
  });

  it('are also those to the guarded version where it took part', () => {
    const guarded = [aRound({ endToEndMs: 1500, cpuMs: { api: 400 } })];
    const rounds = new Map([
      ['bare', bare],
      ['guarded', guarded],
      ['quittance', quittance],
    ]);
    expect(allRatios(rounds)).toEqual({
      ratio: 0.5,
      cpu_ratio: 2,
      ratio_to_guarded: 1.5,
      cpu_ratio_to_guarded: 0.75,
    });
  });
});

describe('the overhead of one payment', () => {
  it('is the difference between the percentiles of both kinds of call', () => {
    const figures = overheadFigures({ waitMs: [10, 12, 30], gatewayMs: [2, 3, 4] });
    expect(figures).toMatchObject({ p50_ms: 9, p99_ms: 26, payments: 3 });
  });
});
