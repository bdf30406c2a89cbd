// Reads a matrix written as text: statuses down the side, evidence along the top, one expectation a
// cell. Text keeps the expectation independent of the code and lets a person see a whole rule at
// once.
import type { PaymentStatus } from '../src/status.js';
import { paymentStatuses } from '../src/status.js';

/** One cell: what is expected of a payment in `status` on the evidence that heads the column. */
export interface Cell {
  readonly status: PaymentStatus;
  readonly column: string;
  readonly expected: string;
}

/**
 * The cells of `text`, whose first line heads the columns (the word above the statuses is ignored).
 * @throws Error unless each of the seventeen statuses has exactly one row and each row one cell a
 *   column.
 */
export function readMatrix(text: string): readonly Cell[] {
  const [head = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const columns = head.slice(1);
  const written = rows.map(([status]) => status);
  if (written.join() !== paymentStatuses.join()) throw new Error('The rows are not the statuses.');
  return rows.flatMap(([status, ...cells]) => {
    if (cells.length !== columns.length) throw new Error(`The row of ${status} has a hole.`);
    return cells.map((expected, index) => ({
      status: status as PaymentStatus,
      column: columns[index] ?? '',
      expected,
    }));
  });
}
