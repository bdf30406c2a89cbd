// The crash points of the code, the kill matrix and its table in docs/reliability.md know the same
// places.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CASES, SHORT_CASES } from '../../test/chaos/kill-matrix/cases.js';

const root = resolve(import.meta.dirname, '../..');

function pointsInCode(): string[] {
  const files = ['libs', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /(?<!spec)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const calls = files.flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/crashPoint(?:AfterThisTurn)?\(([^)]*)\)/g),
  ]);
  return calls.flatMap(([, argument = '']) =>
    [...argument.matchAll(/'([a-z-]+\.[a-z-]+)'/g)].map(([, name = '']) => name),
  );
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].toSorted();

it('plays every crash point of the code in the kill matrix, and no other', () => {
  expect(sorted(CASES.map(({ dies }) => dies))).toEqual(sorted(pointsInCode()));
});

it('names each crash point in one place of the code only', () => {
  expect(pointsInCode().toSorted()).toEqual(sorted(pointsInCode()));
});

it('keeps the short run a part of the whole', () => {
  expect(SHORT_CASES).toHaveLength(4);
});
