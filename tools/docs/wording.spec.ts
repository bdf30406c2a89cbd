// Goal: comments, test names and documents read as plain English. Method: every line of every source
// and document is searched for words and forms that this project does not use.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const FOLDERS_LEFT_OUT = new Set(['.data', '.git', 'dist', 'generated', 'node_modules']);
/** Generated, and this file, which has to name the words. */
const FILES_LEFT_OUT = new Set(['packages/client/src/api.ts', 'tools/docs/wording.spec.ts']);
const COLUMNS = 100;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return FOLDERS_LEFT_OUT.has(entry.name) ? [] : filesIn(path);
    return /\.(?:md|mjs|ts)$/.test(entry.name) ? [relative(root, path)] : [];
  });
}

/** Names that are stored or published: a key in Redis, crash points, a verdict; an account of Unix. */
const NAMES = /callbacks-kept|kept-callback\.|["'`]kept["'`]|["']nobody:?["']|"nobody"/g;
const WORDS = /\b(?:told|kept|nobody|somebody|anybody|anew|shall)\b/i;
/** A clause that stands for a noun: the first words of a comment or of a test's name. */
const CLAUSE = /^(?:What|Who|Whom|Whose|Whoever|Whether|How|Where|Why) /;
const TEST_NAME =
  /\b(?:describe|it|test)(?:\.\w+)*\(\s*['"`]((?:what|who|whether|how|where|why) )/i;
const COMMENT = /^\s*(?:\/\*\*?|\/\/|\*) ?/;
const UNBREAKABLE = /https?:\/\/|oxlint-disable|@type/;

/** The faults of a line; `before` is the line above it. */
function faultsOf(line: string, before: string): string[] {
  const faults: string[] = [];
  const [word] = WORDS.exec(line.replaceAll(NAMES, '')) ?? [];
  if (word !== undefined) faults.push(`the word "${word}"`);
  if (TEST_NAME.test(line)) faults.push('a clause as the name of a test');
  if (!COMMENT.test(line)) return faults;
  const isFirst = /^\s*\/\*\*\s*$/.test(before) || !COMMENT.test(before) || /\/\*\* \S/.test(line);
  const text = line.replace(COMMENT, '');
  if (isFirst && CLAUSE.test(text) && !text.includes('?')) faults.push('a clause as a title');
  if (line.length > COLUMNS && !UNBREAKABLE.test(line)) faults.push(`over ${COLUMNS} columns`);
  return faults;
}

it('no source or document has a word or a form that is not used here', () => {
  const found = filesIn(root)
    .filter((path) => !FILES_LEFT_OUT.has(path))
    .flatMap((path) => {
      const lines = readFileSync(join(root, path), 'utf8').split('\n');
      return lines.flatMap((line, at) =>
        faultsOf(line, lines[at - 1] ?? '').map((fault) => `${path}:${at + 1}: ${fault}`),
      );
    });
  expect(found).toEqual([]);
});

it.each([
  ['/** Whether it runs. */', '', ['a clause as a title']],
  ['/** True while it runs. */', '', []],
  [' * What it is.', '/**', ['a clause as a title']],
  [' * What follows is a second line.', ' * The first one.', []],
  ['// Nobody has it.', '', ['the word "Nobody"']],
  ["  it('what it does', () => {", '', ['a clause as the name of a test']],
  ['const key = `${prefix}-callbacks-kept`;', '', []],
  [`// ${'x'.repeat(98)}`, '', ['over 100 columns']],
])('judges %s', (line, before, faults) => expect(faultsOf(line, before)).toEqual(faults));
