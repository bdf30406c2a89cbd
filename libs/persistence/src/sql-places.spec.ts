// All SQL about payments is in this lib (ADR 37): this test searches the sources of the apps that
// use its tables for statements, and those of this lib for a form that Postgres may evaluate twice.
import { readdirSync, readFileSync } from 'node:fs';

const apps = new URL('../../../apps/', import.meta.url);
const STATEMENT =
  /\b(SELECT|INSERT INTO|DELETE FROM|UPDATE \w+ SET|TRUNCATE)\b|\$(query|execute)Raw/;

function sourcesOf(folder: URL): readonly URL[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!spec)\.ts$/.test(path))
    .map((path) => new URL(path, folder));
}

it.each(['api', 'operator', 'webhook', 'worker'])('no statement is in apps/%s', (app) => {
  const sources = sourcesOf(new URL(`${app}/src/`, apps));
  expect(sources.length).toBeGreaterThan(5);
  const withSql = sources.filter((source) => STATEMENT.test(readFileSync(source, 'utf8')));
  expect(withSql).toEqual([]);
});

/**
 * As a join of a table that was empty when its statement was planned, the sub-select runs once per
 * row of the table: 20,000 rows take longer than the statement may, and more than `LIMIT` are
 * locked. An ARRAY is evaluated once by any plan.
 */
const LOCKING_JOIN = /\bIN \(\s*SELECT(?:[^()]|\([^()]*\))*\bFOR (?:NO KEY )?UPDATE\b/;

it('each sub-select that locks rows is an ARRAY', () => {
  expect('DELETE FROM a WHERE id IN (\n  SELECT id FROM a LIMIT 1 FOR UPDATE)').toMatch(
    LOCKING_JOIN,
  );
  const sources = sourcesOf(new URL('./', import.meta.url));
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter((source) => LOCKING_JOIN.test(readFileSync(source, 'utf8')))).toEqual([]);
});
