// References to documents resolve: every section sign, every document that is named with its
// heading, every decision. Method: all sources and documents are read, comment markers and line
// breaks are taken out, and each reference is looked up in the document it names. A section without
// a document is one of docs/protocol.md; those of RFCs are not ours.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const FOLDERS_LEFT_OUT = new Set(['.data', '.git', 'dist', 'generated', 'node_modules']);
const READ = /\.(?:css|html|js|json|md|mjs|prisma|sql|ts|yml)$|^(?:Dockerfile|run|\.env\.example)$/;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return FOLDERS_LEFT_OUT.has(entry.name) ? [] : filesIn(path);
    return READ.test(entry.name) && entry.name !== 'package-lock.json' ? [path] : [];
  });
}

interface Source {
  readonly path: string;
  /** One line, so that a reference may go over the end of one. */
  readonly text: string;
}

const sources: readonly Source[] = filesIn(root).map((path) => ({
  path: relative(root, path),
  text: readFileSync(path, 'utf8').replaceAll(/\s*\n[ \t]*(?:(?:\/\/|\*|#|--)[ \t]+)?/g, ' '),
}));

/** The path of a document that `source` names, from the root. */
function documentNamed(name: string, source: Source): string | undefined {
  const candidates = [name, join('docs', name), join(dirname(source.path), name)];
  return candidates.find((path) => existsSync(join(root, path)));
}

/** Numbers of the headings of a document, and of the list items below them: `8`, `8.7`, `12.25`. */
function sectionsOf(document: string): ReadonlySet<string> {
  const sections = new Set<string>();
  let heading = '';
  for (const line of readFileSync(join(root, document), 'utf8').split('\n')) {
    const [, marks, number = ''] = /^(#+ )?(\d+(?:\.\d+)*)\.? /.exec(line) ?? [];
    if (line.startsWith('#')) heading = number;
    if (number !== '') sections.add(marks === undefined ? `${heading}.${number}` : number);
  }
  return sections;
}

const headingsOf = (document: string): readonly string[] =>
  [...readFileSync(join(root, document), 'utf8').matchAll(/^#+ (.+)$/gm)].map(
    ([, heading = '']) => heading,
  );

interface Reference {
  readonly document: string;
  readonly section: string;
}

const CHAIN = /\u00A7\d+(?:\.\d+)*(?:(?:,| and| or| to|, and) \u00A7\d+(?:\.\d+)*)*/gu;
const FOREIGN = /(?:RFC \d+|SP 800-\w+|WHATWG \w+)$/;

/** The sections that a text refers to. Those of foreign documents are left out. */
function referencesIn(source: Source): readonly Reference[] {
  return [...source.text.matchAll(CHAIN)].flatMap(({ 0: chain, index }) => {
    const before = source.text.slice(Math.max(0, index - 60), index).trimEnd();
    if (FOREIGN.test(before)) return [];
    const [word = ''] = /[\w./-]*$/.exec(before) ?? [];
    const named = documentNamed(word.endsWith('.md') ? word : `${word}.md`, source);
    const document = named ?? 'docs/protocol.md';
    return [...chain.matchAll(/\d+(?:\.\d+)*/g)].map(([section]) => ({ document, section }));
  });
}

const references = sources.flatMap((source) =>
  referencesIn(source).map((reference) => ({ ...reference, from: source.path })),
);

describe('a section', () => {
  const documents = [...new Set(references.map(({ document }) => document))];
  const sections = new Map(documents.map((document) => [document, sectionsOf(document)]));

  it('exists in the document it is one of', () => {
    const missing = references.filter(
      ({ document, section }) => sections.get(document)?.has(section) !== true,
    );
    expect(missing).toEqual([]);
  });

  it('is found where the code refers to the protocol', () => {
    expect(references.length).toBeGreaterThan(200);
    expect(documents).toEqual(['docs/protocol.md']);
  });

  it.each([
    ['protocol \u00A71.2, \u00A73.3 and \u00A712.7', ['1.2', '3.3', '12.7']],
    ['(\u00A76.2, last line) or \u00A78.7.', ['6.2', '8.7']],
    ['RFC 9110 \u00A79.3.1, \u00A79.3.2', []],
    ['of RFC 9421 \u00A72.3. \u00A74', ['4']],
  ])('is read from "%s"', (text, expected) => {
    const found = referencesIn({ path: 'a.ts', text });
    expect(found.map(({ section }) => section)).toEqual(expected);
  });

  it('of another document is looked up there', () => {
    const found = referencesIn({ path: 'a.ts', text: 'docs/api.md \u00A71, architecture \u00A72' });
    expect(found.map(({ document }) => document)).toEqual(['docs/api.md', 'docs/architecture.md']);
  });
});

describe('a document', () => {
  it('that is named is in the repository', () => {
    const missing = sources.flatMap((source) =>
      [...source.text.matchAll(/[\w./-]*\w\.md\b/g)]
        .map(([name]) => ({ name, from: source.path }))
        .filter(({ name }) => documentNamed(name, source) === undefined),
    );
    expect(missing).toEqual([]);
  });

  it('has the heading that is named with it', () => {
    const missing = sources.flatMap((source) =>
      [...source.text.matchAll(/([\w./-]*\w\.md),? "([^"]+)"/g)]
        .map(([, name = '', heading = '']) => ({ name, heading, from: source.path }))
        .filter(({ name, heading }) => {
          const document = documentNamed(name, source);
          return document !== undefined && !headingsOf(document).includes(heading);
        }),
    );
    expect(missing).toEqual([]);
  });
});

it('names decisions that are in docs/adr', () => {
  const numbers = new Set(
    readdirSync(join(root, 'docs/adr')).map((name) => Number.parseInt(basename(name), 10)),
  );
  const missing = sources.flatMap((source) =>
    [...source.text.matchAll(/(?:\bADR |docs\/adr\/0*)(\d+)/g)]
      .map(([, number = '']) => ({ number: Number(number), from: source.path }))
      .filter(({ number }) => !numbers.has(number)),
  );
  expect(missing).toEqual([]);
});
