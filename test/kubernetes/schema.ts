// Validates manifests against the schemas of their kinds: Kubernetes's own, KEDA's and those of the
// Prometheus operator, as the types that `kubernetes-models` generates from them. The compiler
// refuses an unknown field in a literal, which a JSON schema of Kubernetes would let pass.
import { join } from 'node:path';
import ts from 'typescript';
import type { Manifest } from './manifests.js';
import { PACKAGES } from './tools.js';

const FILE = join(PACKAGES, 'rendered.ts');
const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  types: [],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/** The package of a group of the API; those of Kubernetes itself are in one. */
const PACKAGE_OF: Readonly<Record<string, string>> = {
  'keda.sh': '@kubernetes-models/keda/keda.sh',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator/monitoring.coreos.com',
};

/** `apps/v1` and `Deployment` are `kubernetes-models/apps/v1/Deployment`. */
function moduleOf({ apiVersion, kind }: Manifest): string {
  const [version = '', group] = apiVersion.split('/').toReversed();
  const folder = PACKAGE_OF[group ?? ''] ?? ['kubernetes-models', group].filter(Boolean).join('/');
  return `${folder}/${version}/${kind}`;
}

const lineOf = (manifest: Manifest, at: number) =>
  `import type { I${manifest.kind} as Kind${at} } from '${moduleOf(manifest)}'; ` +
  `export const manifest${at}: Kind${at} = ${JSON.stringify(manifest)};`;

const parsed = new Map<string, ts.SourceFile | undefined>();

/** The faults of the manifests, each with the kind and the name of its object. */
export function schemaFaults(manifests: readonly Manifest[]): string[] {
  const text = manifests.map(lineOf).join('\n');
  const host = ts.createCompilerHost(OPTIONS);
  const getSourceFile = host.getSourceFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  host.fileExists = (path) => path === FILE || fileExists(path);
  host.getSourceFile = (path, ...rest) => {
    if (path === FILE) return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022);
    if (!parsed.has(path)) parsed.set(path, getSourceFile(path, ...rest));
    return parsed.get(path);
  };
  const program = ts.createProgram([FILE], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const { line = -1 } = file?.getLineAndCharacterOfPosition(start) ?? {};
    const { kind = '', metadata = { name: '' } } = manifests[line] ?? {};
    return `${kind} ${metadata.name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
