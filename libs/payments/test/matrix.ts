// Reads a matrix written as text: statuses down the side, evidence along the top, one expectation
// per cell. Text makes the expectation independent of the code and shows a whole rule at once.
import type { PaymentStatus } from '../src/status.js';
import { paymentStatuses } from '../src/status.js';

/**
 * One cell: the expectation for a payment in `status` on the evidence at the head of the column.
 */
export interface Cell {
  readonly status: PaymentStatus;
  readonly column: string;
  readonly expected: string;
}

/**
 * Parses `text`, whose first line contains the column heads (the word above the statuses is
 * ignored). Throws an Error unless each of the seventeen statuses has exactly one row, and each row
 * one cell per column.
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
    if (cells.length !== columns.length) throw new Error(`The row of ${status} lacks a cell.`);
    return cells.map((expected, index) => ({
      status: status as PaymentStatus,
      column: columns[index] ?? '',
      expected,
    }));
  });
}
