// Tables for people, in the form the documents keep them.

/**
 * @param {string[]} head
 * @param {(string | number | undefined)[][]} rows
 */
export function markdownTable(head, rows) {
  const cells = [head, ...rows].map((row) => row.map((cell) => `${cell ?? ''}`));
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at].length)));
  const line = (row) => `| ${row.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`;
  const [first, ...rest] = cells.map(line);
  return [first, line(widths.map((width) => '-'.repeat(width))), ...rest].join('\n');
}
