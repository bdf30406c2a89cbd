// What a run has seen, for people.
import { markdownTable } from '../chaos/table.ts';

const listed = (counts) =>
  Object.entries(counts)
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ');
const grown = (before, after) =>
  before.map(({ name, heapMb }, at) => `${name} ${heapMb} to ${after[at].heapMb} MB`).join(', ');

/**
 * @param {{ checks: { name: string, problems: string[] }[], figures: { requests: object, callbacks: object } }} run
 * @returns {string} one table of figures and one of checks
 */
export function runTables({ checks, figures: { requests, callbacks } }) {
  const operations = Object.entries(requests.operations).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const figures = [
    ['sent', requests.requests, callbacks.callbacks],
    ['a second', requests.perSecond, callbacks.perSecond],
    ['kinds of faults, mutations', requests.faults, callbacks.mutations],
    ['answers', listed(requests.statuses), listed(callbacks.statuses)],
    ['slowest answer', `${requests.slowestMs} ms`, `${callbacks.slowestMs} ms`],
    ['with the right token', '', callbacks.withRightToken],
    ['payments charged', requests.charged, ''],
    ['stored then', listed(requests.stored), listed(callbacks.stored)],
    [
      'live heap',
      grown([requests.memory.before], [requests.memory.after]),
      grown(callbacks.memory.warm, callbacks.memory.end),
    ],
  ];
  return [
    markdownTable(['', 'requests', 'callbacks'], figures),
    markdownTable(
      ['operation', 'asked', 'taken'],
      operations.map(([name, { asked, taken }]) => [name, asked, taken]),
    ),
    markdownTable(
      ['check', 'problems'],
      checks.map(({ name, problems }) => [name, problems.length]),
    ),
  ].join('\n\n');
}
