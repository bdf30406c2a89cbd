// The figures for a person to read: a row for each figure, a column for each contestant.
import { ROLES } from './contestant.js';

type Cell = string | number;

/** The project's targets (docs/performance.md), by the path of their figure. */
const TARGETS = {
  ratio: '>= 1',
  cpu_ratio: '<= 1.1',
  'quittance.finished_by_callback': '>= 1',
  'overhead.p50_ms': '<= 10',
  'overhead.p95_ms': '<= 20',
  'overhead.p99_ms': '<= 40',
  'overhead.to_floor': '<= 2',
  'batch.ratio': '>= 5',
  ...Object.fromEntries(ROLES.map((role) => [`quittance.memory_mb.${role}.peak`, '<= 150'])),
};

/** The target of a contestant that not every run has. */
const TARGET_OF_USUAL = { ratio_to_usual: '>= 2' };

/** Each figure by its path in the JSON line, such as `quittance.intake.p50_ms`. */
function byPath(figures: unknown, path: readonly string[] = []): [string, Cell][] {
  if (typeof figures !== 'object' || figures === null || Array.isArray(figures))
    return [[path.join('.'), typeof figures === 'number' ? figures : String(figures)]];
  return Object.entries(figures).flatMap(([name, inner]) => byPath(inner, [...path, name]));
}

/** The figures that have a target, and whether they reach it. */
export function verdicts(figures: object) {
  const values = new Map(byPath(figures));
  const targets = { ...TARGETS, ...('usual' in figures && TARGET_OF_USUAL) };
  return Object.entries(targets).map(([figure, target]) => {
    const [comparison, limit] = target.split(' ');
    const value = Number(values.get(figure));
    const isReached = comparison === '<=' ? value <= Number(limit) : value >= Number(limit);
    return { figure, value, target, verdict: isReached ? 'reached' : 'MISSED' };
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
