// The figures for a person to read: a row for each figure, a column for each contestant.
import { ROLES } from './contestant.js';

type Cell = string | number;

/** The project's targets (docs/performance.md), by the path of their figure. */
const TARGETS = [
  { figure: 'ratio', comparison: '>=', limit: 0.8 },
  { figure: 'quittance.finished_by_callback', comparison: '>=', limit: 1 },
  { figure: 'overhead.p50_ms', comparison: '<', limit: 25 },
  ...ROLES.map((role) => {
    return { figure: `quittance.memory_mb.${role}.peak`, comparison: '<', limit: 200 };
  }),
];

/** Each figure by its path in the JSON line, such as `quittance.intake.p50_ms`. */
function byPath(figures: unknown, path: readonly string[] = []): [string, Cell][] {
  if (typeof figures !== 'object' || figures === null || Array.isArray(figures))
    return [[path.join('.'), typeof figures === 'number' ? figures : String(figures)]];
  return Object.entries(figures).flatMap(([name, inner]) => byPath(inner, [...path, name]));
}

/** The figures that have a target, and whether they reach it. */
export function verdicts(figures: object) {
  const values = new Map(byPath(figures));
  return TARGETS.map(({ figure, comparison, limit }) => {
    const value = Number(values.get(figure));
    const isReached = comparison === '<' ? value < limit : value >= limit;
    const verdict = isReached ? 'reached' : 'MISSED';
    return { figure, value, target: `${comparison} ${limit}`, verdict };
  });
}

/** A row for each figure of the contestants, and one with `value` for each other figure. */
export function figureRows(figures: object, contestants: readonly string[]) {
  const rows: Record<string, Record<string, Cell>> = {};
  for (const [path, cell] of byPath(figures)) {
    const contestant = contestants.find((name) => path.startsWith(`${name}.`));
    const figure = contestant === undefined ? path : path.slice(contestant.length + 1);
    rows[figure] = { ...rows[figure], [contestant ?? 'value']: cell };
  }
  return rows;
}
