// The verdict that operators read first: is work starting, do payments end well, is this data
// fresh. Pure: the facts are arguments, so that every incident is a row of a table in the test.
import { type Finding, type Grade, span, type Verdict, type VerdictFacts } from './finding.js';
import { outcomeFinding } from './outcome-finding.js';
import { workFinding } from './work-finding.js';

const SLOW_READ_MS = 2_000;
/** The better grade first. */
const ORDER: readonly Grade[] = ['good', 'unknown', 'attention', 'bad'];

/** Returns the verdict on the facts. */
export function verdict(facts: VerdictFacts): Verdict {
  const [work, outcomes, data] = [workFinding(facts), outcomeFinding(facts), dataFinding(facts)];
  const worst = Math.max(...[work, outcomes, data].map(({ grade }) => ORDER.indexOf(grade)));
  return { grade: ORDER[worst] ?? 'unknown', work, outcomes, data };
}

function dataFinding({ work, queues, read_ms: readMs }: VerdictFacts): Finding {
  if (!work) {
    return {
      grade: 'bad',
      sentence: 'This page cannot be filled.',
      reason: 'Postgres is unavailable.',
      next_step: null,
    };
  }
  if (queues === null) {
    return {
      grade: 'attention',
      sentence: 'The payments are fresh; the queues cannot be seen.',
      reason: 'Redis is unavailable.',
      next_step: null,
    };
  }
  if (readMs > SLOW_READ_MS) {
    return {
      grade: 'attention',
      sentence: 'This data is late.',
      reason: `Reading it took ${span(readMs / 1000)}.`,
      next_step: 'Postgres or Redis is overloaded; see their own metrics.',
    };
  }
  const reason = `Read from Postgres and Redis within ${Math.max(1, Math.round(readMs))} ms.`;
  return { grade: 'good', sentence: 'This data is fresh.', reason, next_step: null };
}
