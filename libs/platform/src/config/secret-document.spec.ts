// Goal: a process picks up a changed document, and keeps its current one when the new one is
// invalid, without printing either. Method: a real file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { defineConfig, loadConfig } from './config.js';
import { SecretDocument, secretDocument } from './secret-document.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'document-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const parse = (text: string, before: unknown): { readonly name: string } => {
  const { name } = JSON.parse(text) as { name?: string };
  if (name === undefined) throw new Error(before ? 'has no name any more' : 'has no name');
  return { name };
};
function written(text: string): string {
  const path = join(folder, 'document.json');
  writeFileSync(path, text);
  return path;
}

it('reads a setting that contains the text itself, which never changes', async () => {
  const shape = defineConfig({ s: { v: secretDocument('V', { description: 'x', parse }) } });
  const { v } = loadConfig(shape, { V: '{"name":"a"}' }).s;
  expect(v.current).toEqual({ name: 'a' });
  expect(v.path).toBeUndefined();
  expect(await v.refresh()).toBe(false);
});

it('picks up a changed file once', async () => {
  const document = SecretDocument.read(written('{"name":"a"}'), parse);
  expect(await document.refresh()).toBe(false);
  written('{"name":"b"}');
  expect(await document.refresh()).toBe(true);
  expect(document.current).toEqual({ name: 'b' });
  expect(await document.refresh()).toBe(false);
});

it.each([
  ['is refused', '{"hunter2":1}', 'has no name any more'],
  ['is empty', '', ''],
])(
  'keeps its document while the file %s, and picks up the next valid one',
  async (_, text, words) => {
    const document = SecretDocument.read(written('{"name":"a"}'), parse);
    written(text);
    await expect(document.refresh()).rejects.toThrow(words);
    expect(document.current).toEqual({ name: 'a' });
    written('{"name":"b"}');
    expect(await document.refresh()).toBe(true);
  },
);

it('keeps its document while the file is missing, and reports that without its path', async () => {
  const document = SecretDocument.read(written('{"name":"a"}'), parse);
  rmSync(join(folder, 'document.json'));
  const error: unknown = await document.refresh().catch((thrown: unknown) => thrown);
  expect(inspect(error)).toContain('the file cannot be read (ENOENT)');
  expect(inspect(error)).not.toContain(`${folder}/document.json`);
  expect(document.current).toEqual({ name: 'a' });
});
