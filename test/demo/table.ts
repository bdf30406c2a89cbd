// The demo's result as a table a person can read at a glance.
import { TERMINALS } from '../../tools/stack/terminals.js';
import type { DemoResult } from './play.js';
import type { Scenario } from './scenarios.js';

/** The part of a result that a row shows. */
interface Row extends Pick<DemoResult, 'reference' | 'problems' | 'ms'> {
  readonly scenario: Pick<Scenario, 'terminal' | 'title'>;
  readonly payment?: { readonly status: string };
  readonly order?: { readonly payment_status: string; readonly events: readonly unknown[] };
}

const COLUMNS = ['reference', 'protocol', 'scenario', 'final status', 'order domain', 'ms', ''];

function protocolOf({ terminal }: Row['scenario']): string {
  const found = TERMINALS.find(({ name }) => name === terminal);
  return `${found?.protocol}/${found?.callbacks}`;
}

function row({ scenario, reference, payment, order, ms, problems }: Row): string[] {
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

/** Lays the results of `playAll` out in columns. */
export function resultTable(results: readonly Row[]): string {
  const rows = [COLUMNS, ...results.map(row)];
  const widths = COLUMNS.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const pad = (cell: string, column: number) =>
    column === 5 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  const lines = rows.map((cells) => `  ${cells.map(pad).join('  ')}`.trimEnd());
  const rule = `  ${widths
    .slice(0, -1)
    .map((width) => '-'.repeat(width))
    .join('  ')}`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}
