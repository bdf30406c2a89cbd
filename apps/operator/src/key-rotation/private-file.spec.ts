// Goal: a key file is replaced atomically, never over a change that the caller has not seen, and
// without new readers.
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

it('is replaced and leaves no other file', async () => {
  expect(await replaceFile(path, 'before', 'after')).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('after');
  expect(readdirSync(folder)).toEqual(['worker.json']);
});

it('is not replaced when its content has changed', async () => {
  writeFileSync(path, 'another content');
  expect(await replaceFile(path, 'before', 'after')).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe('another content');
  expect(readdirSync(folder)).toEqual(['worker.json']);
});

it.each([
  [0o600, '600'],
  [0o640, '640'],
  [0o644, '640'],
  [0o666, '640'],
])('of mode %o is not readable by others afterwards', async (mode, afterwards) => {
  chmodSync(path, mode);
  await replaceFile(path, 'before', 'after');
  expect(modeOf(path)).toBe(afterwards);
});

it('is replaced at the target of a link, and the link stays', async () => {
  const link = join(folder, 'link.json');
  symlinkSync(path, link);
  expect(await replaceFile(link, 'before', 'after')).toBe(true);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('after');
});

it('is written despite the remains of a killed run, which can be removed', async () => {
  const left = `${path}.unfinished`;
  writeFileSync(left, 'half a k', { mode: 0o666 });
  expect(await replaceFile(path, 'before', 'after')).toBe(true);
  expect(modeOf(path)).toBe('600');
  writeFileSync(left, 'half a k');
  await removeUnfinished(path);
  expect(readdirSync(folder)).toEqual(['worker.json']);
});

it('must exist', async () => {
  await expect(checkReplaceable(join(folder, 'api.json'))).rejects.toMatchObject({
    code: 'ENOENT',
  });
});
