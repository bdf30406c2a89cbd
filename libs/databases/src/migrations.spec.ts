import { planMigrations } from './migrations.js';

const FIRST = { name: '20260101000000_first', sql: 'SELECT 1', checksum: 'a' };
const SECOND = { name: '20260102000000_second', sql: 'SELECT 2', checksum: 'b' };
const applied = (name: string, checksum: string, finishedAt: Date | null = new Date(0)) => ({
  migration_name: name,
  checksum,
  finished_at: finishedAt,
});

describe('planMigrations', () => {
  it('plans all of them, in order, for an empty database', () => {
    expect(planMigrations([FIRST, SECOND], [])).toEqual([FIRST, SECOND]);
  });

  it('leaves out what is applied', () => {
    expect(planMigrations([FIRST, SECOND], [applied(FIRST.name, 'a')])).toEqual([SECOND]);
  });

  it('refuses when an applied migration was changed', () => {
    const plan = () => planMigrations([FIRST], [applied(FIRST.name, 'other')]);
    expect(plan).toThrow('was changed after it was applied');
  });

  it('refuses a database that is ahead of this version', () => {
    const plan = () => planMigrations([FIRST], [applied(SECOND.name, 'b')]);
    expect(plan).toThrow('which this version does not know');
  });

  it('refuses a database of the migrations before the first release, and says what helps', () => {
    const earlier = [
      applied('20261121000000_payments', 'c'),
      applied('20261127000710_due_by_kind', 'd'),
    ];
    const plan = () => planMigrations([{ ...FIRST, name: '20261128000000_initial' }], earlier);
    expect(plan).toThrow(/20261121000000_payments, .* before the first release.*db:reset/s);
  });

  it('refuses to go on after one that stopped half-way', () => {
    const plan = () => planMigrations([FIRST], [applied(FIRST.name, 'a', null)]);
    expect(plan).toThrow('stopped half-way');
  });
});
