import { shortTime, table } from './table.js';

describe('a table', () => {
  it('aligns its columns, marks empty cells, and has no trailing spaces', () => {
    const rows = [
      ['1', 'short', ''],
      ['22', 'a longer one', 'x'],
    ];
    expect(table(['#', 'NAME', 'NOTE'], rows)).toBe(
      ['#   NAME          NOTE', '1   short         -', '22  a longer one  x'].join('\n'),
    );
  });

  it('consists of its header when there are no rows', () =>
    expect(table(['A', 'B'], [])).toBe('A  B'));
});

describe('a time in a list', () => {
  it('is in UTC, to the second', () => {
    expect(shortTime(new Date('2026-11-21T10:00:00.789Z'))).toBe('2026-11-21 10:00:00Z');
    expect(shortTime(null)).toBe('');
  });
});
