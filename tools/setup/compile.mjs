// Compiles libs/ and apps/ to dist/ with swc: about a second, where one type-checked build per app takes half a minute.
// Types are checked by `npm run typecheck`.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { transformFile } from '@swc/core';
import { dataPath, root } from '../place.mjs';
import { swcOptions } from '../swc-options.mjs';

const NOT_SHIPPED = /(\.(spec|int-spec|e2e-spec|d)\.ts|\.md)$/;
const dist = join(root, 'dist');

/**
 * @param {string} folder
 * @returns {AsyncGenerator<string>}
 */
async function* filesBelow(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* filesBelow(path);
    else if (entry.isFile() && !NOT_SHIPPED.test(entry.name)) yield path;
  }
}

async function sources() {
  /** @type {string[]} */
  const found = [];
  for (const top of ['libs', 'apps']) {
    for await (const file of filesBelow(join(root, top))) found.push(file);
  }
  return found.toSorted();
}

/**
 * Changes when any source, the compiler or its options change.
 * @param {string[]} files
 */
async function fingerprint(files) {
  const hash = createHash('sha256').update(JSON.stringify(swcOptions));
  hash.update(await readFile(join(root, 'node_modules', '@swc', 'core', 'package.json')));
  const states = await Promise.all(files.map((file) => stat(file)));
  for (const [index, file] of files.entries()) {
    hash.update(`${relative(root, file)} ${states[index]?.mtimeMs} ${states[index]?.size}\n`);
  }
  return hash.digest('hex');
}

/**
 * @param {string} source
 * @param {string} folder
 */
async function compile(source, folder) {
  const target = join(folder, relative(root, source)).replace(/\.ts$/, '.js');
  await mkdir(dirname(target), { recursive: true });
  if (!source.endsWith('.ts')) return copyFile(source, target);
  const { code, map } = await transformFile(source, { ...swcOptions, sourceFileName: source });
  const name = target.slice(target.lastIndexOf('/') + 1);
  await writeFile(target, `${code}\n//# sourceMappingURL=${name}.map\n`);
  if (map) await writeFile(`${target}.map`, map);
}

/**
 * @param {string[]} files
 * @param {string} stamp
 */
async function compileAll(files, stamp) {
  // Made aside and moved into place, so that a process starting meanwhile finds the former build or this one.
  const fresh = join(dataPath('build'), `new-${process.pid}`);
  const former = join(dataPath('build'), `old-${process.pid}`);
  await Promise.all(files.map((file) => compile(file, fresh)));
  await writeFile(join(fresh, '.made-from'), stamp);
  await rename(dist, former).catch(() => {});
  await rename(fresh, dist);
  await rm(former, { recursive: true, force: true });
}

/**
 * Compiles everything that is not a test, unless dist/ was made from these very files.
 * @returns {Promise<{ files: number, compiled: boolean }>}
 */
export async function buildIfChanged() {
  const files = await sources();
  const stamp = await fingerprint(files);
  const present = await readFile(join(dist, '.made-from'), 'utf8').catch(() => undefined);
  if (present !== stamp) await compileAll(files, stamp);
  return { files: files.length, compiled: present !== stamp };
}
