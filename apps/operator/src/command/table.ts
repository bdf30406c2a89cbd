// Formats lists as aligned columns, readable by people and by `awk`.

/**
 * Returns rows of equal length under a header. Columns are two spaces apart, and an empty cell is a
 * dash.
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows].map((cells) => cells.map((cell) => cell || '-'));
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => width(cells[column]))));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => pad(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function width(cell = ''): number {
  return Array.from(cell).length;
}

function pad(cell: string, to: number): string {
  return cell + ' '.repeat(to - width(cell));
}

/** Returns an instant in UTC, to the second; empty for null. */
export function shortTime(instant: Date | null): string {
  return instant === null ? '' : instant.toISOString().replace('T', ' ').slice(0, 19) + 'Z';
}
