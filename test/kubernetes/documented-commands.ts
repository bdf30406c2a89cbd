// The commands of deploy/kubernetes/README.md, run unchanged but for kubectl's cluster and the
// container engine.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../tools/place.mjs';
import type { Secrets } from './manifests.js';
import { KUBECTL } from './tools.js';

const README = readFileSync(join(root, 'deploy/kubernetes/README.md'), 'utf8');

/** The README's text without line breaks. */
export const readmeText = README.replaceAll(/\s+/g, ' ');

/** The one block of this language in the README that contains `text`. */
export function documentedBlock(language: string, text: string): string {
  const blocks = [...README.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const found = blocks.filter(([, of, code = '']) => of === language && code.includes(text));
  if (found.length !== 1) throw new Error(`${found.length} blocks of ${language} have "${text}"`);
  return found[0]?.[2] ?? '';
}

/** The Secrets that the documented commands create, run in `folder`. */
export async function documentedSecrets(folder: string): Promise<Secrets> {
  const deploy = join(root, 'dist/apps/deploy/src/main.js');
  const script = `set -euo pipefail
docker() { node '${deploy}' compose-env; }
kubectl() { [ "$1" = apply ] || '${KUBECTL}' "$@" --dry-run=client --output=json; }
${documentedBlock('bash', 'create secret')}`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder });
  const documents = stdout.split(/^(?=\{)/m).map((text) => JSON.parse(text) as CreatedSecret);
  return Object.fromEntries(documents.map(({ metadata, data }) => [metadata.name, decoded(data)]));
}

interface CreatedSecret {
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
}

const decoded = (data: CreatedSecret['data']) =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
