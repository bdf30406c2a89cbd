// The demo's result as a table a person can read at a glance.
import { TERMINALS } from '../stack/keys.mjs';

const COLUMNS = ['reference', 'protocol', 'scenario', 'final status', 'order domain', 'ms', ''];

function protocolOf(scenario) {
  const { protocol, callbacks } = TERMINALS.find(({ name }) => name === scenario.terminal);
  return `${protocol}/${callbacks}`;
}

function row({ scenario, reference, payment, order, ms, problems }) {
  const known = order && `${order.payment_status}, ${order.events.length} events`;
  const verdict = problems.length === 0 ? 'ok' : problems.join('; ');
  const time = ms === undefined ? '-' : String(ms);
  return [
    reference,
    protocolOf(scenario),
    scenario.title,
    payment?.status ?? '-',
    known ?? '-',
    time,
    verdict,
  ];
}

/**
 * Lays the results out in columns.
 * @param {object[]} results of `playAll`
 * @returns {string}
 */
export function resultTable(results) {
  const rows = [COLUMNS, ...results.map(row)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const pad = (cell, column) =>
    column === 5 ? cell.padStart(widths[column]) : cell.padEnd(widths[column]);
  const lines = rows.map((cells) => `  ${cells.map(pad).join('  ')}`.trimEnd());
  const rule = `  ${widths
    .slice(0, -1)
    .map((width) => '-'.repeat(width))
    .join('  ')}`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}
