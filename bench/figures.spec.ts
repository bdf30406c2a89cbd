import {
  batchFigures,
  contestantFigures,
  median,
  overheadFigures,
  percentile,
  ratios,
  rounded,
  type Round,
} from './figures.js';

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

describe('the ratios', () => {
  const ratiosTo = (bare: readonly Round[], quittance: readonly Round[], guarded?: Round[]) =>
    ratios(new Map(Object.entries({ bare, ...(guarded && { guarded }), quittance })));

  it('are the median over the pairs of rounds, so that one disturbed pair does not count', () => {
    const quittance = [1250, 1250, 10_000].map((endToEndMs) => aRound({ endToEndMs }));
    expect(ratiosTo([aRound(), aRound(), aRound()], quittance)['ratio']).toBe(0.8);
  });

  it('are above one for CPU when Quittance uses more', () => {
    const heavier = aRound({ cpuMs: { api: 200, postgres: 250 } });
    expect(ratiosTo([aRound()], [heavier])['cpu_ratio']).toBe(1.5);
  });

  it('are also those to the guarded version if it took part', () => {
    const bare = [aRound({ endToEndMs: 500, cpuMs: { api: 150 } })];
    const guarded = [aRound({ endToEndMs: 1500, cpuMs: { api: 400 } })];
    const toBare = { ratio: 0.5, cpu_ratio: 2 };
    expect(ratiosTo(bare, [aRound()])).toEqual(toBare);
    const toGuarded = { ratio_to_guarded: 1.5, cpu_ratio_to_guarded: 0.75 };
    expect(ratiosTo(bare, [aRound()], guarded)).toEqual({ ...toBare, ...toGuarded });
  });
});

describe('the overhead of one payment', () => {
  const call = (waitMs: number, gatewayMs: number, floorMs: number) => {
    return { sentAt: 0, answeredAt: waitMs, waitMs, gatewayMs, floorMs };
  };

  it('is the difference between the percentiles of both kinds of call', () => {
    const figures = overheadFigures([call(10, 2, 1), call(12, 3, 3), call(30, 4, 5)]);
    expect(figures).toMatchObject({ p50_ms: 9, p95_ms: 26, p99_ms: 26, payments: 3 });
  });

  it('is compared with the floor, of which the gateway call is a part', () => {
    expect(overheadFigures([call(12, 2, 4), call(12, 2, 4)])).toMatchObject({ to_floor: 2 });
  });
});

describe('percentiles', () => {
  it.each([
    [[5], 50, 5],
    [[4, 1, 3, 2], 50, 2],
    [[4, 1, 3, 2], 51, 3],
    [[4, 1, 3, 2], 99, 4],
    [[10, 9, 100], 100, 100],
  ])('of %j at %d %% is %d, a value that was measured', (values, percent, expected) => {
    expect(percentile(values, percent)).toBe(expected);
  });

  it('takes 99 % of a hundred values to be the ninety-ninth', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(percentile(values, 99)).toBe(99);
  });

  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])('has the middle value of %j as the median', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('rejects an empty list', () => {
    expect(() => percentile([], 50)).toThrow(RangeError);
    expect(() => median([])).toThrow(RangeError);
  });

  it('rounds to the digits asked for', () => {
    expect(rounded(1.2345, 3)).toBe(1.235);
    expect(rounded(1.25)).toBe(1.3);
  });
});

it('compares the intake of one caller by single calls and by a batch of ten times as many', () => {
  expect(batchFigures(100, 500, 1_000)).toEqual({
    single_per_second: 200,
    per_second: 1_000,
    ratio: 5,
  });
});
