// Goal: a key file is replaced as a whole, by nobody who has not seen what it says, and is readable
// by nobody new.
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkReplaceable, removeUnfinished, replaceFile } from './private-file.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'private-file-'));
  path = join(folder, 'worker.json');
  writeFileSync(path, 'before', { mode: 0o600 });
});
afterEach(() => rmSync(folder, { recursive: true }));
const modeOf = (name: string) => (statSync(name).mode & 0o777).toString(8);

it('is replaced, and nothing is left beside it', async () => {
  expect(await replaceFile(path, 'before', 'after')).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('after');
  expect(readdirSync(folder)).toEqual(['worker.json']);
});

it('is left alone when it no longer says what was read', async () => {
  writeFileSync(path, 'by somebody else');
  expect(await replaceFile(path, 'before', 'after')).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe('by somebody else');
  expect(readdirSync(folder)).toEqual(['worker.json']);
});

it.each([
  [0o600, '600'],
  [0o640, '640'],
  [0o644, '640'],
  [0o666, '640'],
])('of mode %o is readable by no others afterwards', async (mode, afterwards) => {
  chmodSync(path, mode);
  await replaceFile(path, 'before', 'after');
  expect(modeOf(path)).toBe(afterwards);
});

it('is replaced where a link leads to, and the link stays', async () => {
  const link = join(folder, 'link.json');
  symlinkSync(path, link);
  expect(await replaceFile(link, 'before', 'after')).toBe(true);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('after');
});

it('is written whatever a killed run left behind, and that can be removed', async () => {
  const left = `${path}.unfinished`;
  writeFileSync(left, 'half a k', { mode: 0o666 });
  expect(await replaceFile(path, 'before', 'after')).toBe(true);
  expect(modeOf(path)).toBe('600');
  writeFileSync(left, 'half a k');
  await removeUnfinished(path);
  expect(readdirSync(folder)).toEqual(['worker.json']);
});

it('has to be there', async () => {
  await expect(checkReplaceable(join(folder, 'api.json'))).rejects.toMatchObject({
    code: 'ENOENT',
  });
});
