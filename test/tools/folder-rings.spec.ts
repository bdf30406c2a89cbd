// Folders form no ring, so that one subject can be read without the next. The files directly in
// `src` do not count: they are the entry of their app or lib, or what all its folders share. Rings
// of files are a rule of the linter (import/no-cycle).
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** An import from one folder into another. */
type Edge = readonly [from: string, to: string];

/** The folders that can be reached from themselves. */
function foldersInRings(edges: readonly Edge[]): string[] {
  const reachable = (from: string): Set<string> => {
    const seen = new Set<string>();
    const open = [from];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      for (const [one, other] of edges) {
        if (one !== folder || seen.has(other)) continue;
        seen.add(other);
        open.push(other);
      }
    }
    return seen;
  };
  return [...new Set(edges.map(([from]) => from))].filter((from) => reachable(from).has(from));
}

/** The imports between folders below `src`, without tests and generated files. */
function edgesIn(src: string): Edge[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => !file.startsWith('generated/'))
    .filter((file) => /(?<!\.(spec|int-spec|fixture))\.ts$/.test(file))
    .flatMap((file) => {
      const folder = dirname(file);
      return [...readFileSync(join(src, file), 'utf8').matchAll(/ from '(\.[^']+)'/g)]
        .map(([, target = '']) => relative(src, dirname(resolve(src, folder, target))))
        .filter((target) => folder !== '.' && target !== '' && target !== folder)
        .map((target): Edge => [folder, target]);
    });
}

const sources = ['apps', 'libs'].flatMap((top) =>
  readdirSync(join(root, top)).map((name) => `${top}/${name}/src`),
);

it.each(sources)('no folders of %s form a ring', (src) => {
  expect(foldersInRings(edgesIn(join(root, src)))).toEqual([]);
});

it('finds a ring, however long it is', () => {
  const edges: Edge[] = [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
    ['d', 'a'],
  ];
  expect(foldersInRings(edges)).toEqual(['a', 'b', 'c']);
});
