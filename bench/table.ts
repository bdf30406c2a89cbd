// The figures for a person to read: a row for each figure, a column for each contestant.
type Cell = string | number;

/** The project's targets (docs/performance.md). Of several figures the largest counts. */
const TARGETS = [
  { figures: /^ratio$/, comparison: '>=', limit: 0.8 },
  { figures: /^quittance\.finished_by_callback$/, comparison: '>=', limit: 1 },
  { figures: /^overhead\.p50_ms$/, comparison: '<', limit: 25 },
  {
    figures: /^quittance\.memory_mb\.(api|worker|webhook|orders)\.peak$/,
    comparison: '<',
    limit: 200,
  },
];

/** Each figure by its path in the JSON line, such as `quittance.intake.p50_ms`. */
function byPath(figures: unknown, path: readonly string[] = []): [string, Cell][] {
  if (typeof figures !== 'object' || figures === null || Array.isArray(figures))
    return [[path.join('.'), typeof figures === 'number' ? figures : String(figures)]];
  return Object.entries(figures).flatMap(([name, inner]) => byPath(inner, [...path, name]));
}

/** The figures that have a target, and whether they reach it. */
export function verdicts(figures: object) {
  return TARGETS.map(({ figures: pattern, comparison, limit }) => {
    const found = byPath(figures).filter(([path]) => pattern.test(path));
    const [figure, value = Number.NaN] =
      found.toSorted((a, b) => Number(b[1]) - Number(a[1]))[0] ?? [];
    const isReached = comparison === '<' ? Number(value) < limit : Number(value) >= limit;
    return {
      figure,
      value,
      target: `${comparison} ${limit}`,
      verdict: isReached ? 'reached' : 'MISSED',
    };
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
