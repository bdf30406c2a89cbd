// All SQL about payments is in this lib (ADR 37): this test searches the sources of the apps that
// use its tables for statements.
import { readdirSync, readFileSync } from 'node:fs';

const apps = new URL('../../../apps/', import.meta.url);
const STATEMENT =
  /\b(SELECT|INSERT INTO|DELETE FROM|UPDATE \w+ SET|TRUNCATE)\b|\$(query|execute)Raw/;

function sourcesOf(app: string): readonly string[] {
  return readdirSync(new URL(`${app}/src/`, apps), { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!spec)\.ts$/.test(path))
    .map((path) => `${app}/src/${path}`);
}

it.each(['api', 'operator', 'webhook', 'worker'])('no statement is in apps/%s', (app) => {
  const sources = sourcesOf(app);
  expect(sources.length).toBeGreaterThan(5);
  const withSql = sources.filter((path) =>
    STATEMENT.test(readFileSync(new URL(path, apps), 'utf8')),
  );
  expect(withSql).toEqual([]);
});
