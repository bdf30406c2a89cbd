// Each house rule rejects an offending line: one line per rule, linted by the real configuration at
// the path where the rule applies. One run lints all lines in a copy of the folders, away from the
// real sources.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const LIMIT_MS = 120_000;

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

/** A description, the rule that rejects it, the file's path, and the file's text. */
type Row = readonly [title: string, rule: string, place: string, code: string];

const imports = 'quittance(module-boundaries)';
const importing = (from: string): string => `import { x } from '${from}';\nexport const y = x;\n`;

const clear = 'quittance(no-card-in-clear)';
const inClear = 'export const f = (c: { cardInClear(): string }): string => c.cardInClear();';

const refused: readonly Row[] = [
  ['a lib in the client', imports, 'packages/client/src', importing('@quittance/vault')],
  ['a package in the client', imports, 'packages/client/src', importing('undici')],
  ['a package in payments', imports, 'libs/payments/src', importing('zod')],
  ['a built-in module in payments', imports, 'libs/payments/src', importing('node:crypto')],
  [
    'a package loaded later in payments',
    imports,
    'libs/payments/src',
    "export const z = import('zod');",
  ],
  ['a lib in payments', imports, 'libs/payments/src', importing('@quittance/platform')],
  ['process in payments', 'eslint(no-restricted-globals)', 'libs/payments/src', 'process.cwd();'],
  [
    'fetch in payments',
    'eslint(no-restricted-globals)',
    'libs/payments/src',
    "export const f = fetch('http://x');",
  ],
  [
    'Math.random in payments',
    'eslint(no-restricted-properties)',
    'libs/payments/src',
    'export const r = Math.random();',
  ],
  [
    'Date.now in payments',
    'quittance(no-clock)',
    'libs/payments/src',
    'export const t = Date.now();',
  ],
  [
    'the present time in payments',
    'quittance(no-clock)',
    'libs/payments/src',
    'export const t = new Date();',
  ],
  [
    'the present time in the protocol',
    'quittance(no-clock)',
    'libs/gateway-protocol/src',
    'export const t = Date.now();',
  ],
  ['a lib in the protocol', imports, 'libs/gateway-protocol/src', importing('@quittance/payments')],
  ['Nest in the protocol', imports, 'libs/gateway-protocol/src', importing('@nestjs/common')],
  ['the file system in the vault', imports, 'libs/vault/src', importing('node:fs')],
  ['Nest in the vault', imports, 'libs/vault/src', importing('@nestjs/common')],
  [
    'a type of a lib in the protocol',
    imports,
    'libs/gateway-protocol/src',
    "import type { X } from '@quittance/payments';\nexport type Y = X;",
  ],
  [
    'a type of a lib in the protocol, imported where it is used',
    imports,
    'libs/gateway-protocol/src',
    "export type Y = import('@quittance/payments').X;",
  ],
  [
    'a lib passed on by the protocol',
    imports,
    'libs/gateway-protocol/src',
    "export { x } from '@quittance/payments';",
  ],
  ['a lib in the platform', imports, 'libs/platform/src', importing('@quittance/payments')],
  ['persistence in the gateway', imports, 'libs/gateway/src', importing('@quittance/persistence')],
  ['queues in the gateway', imports, 'libs/gateway/src', importing('@quittance/queues')],
  ['a lib in the databases', imports, 'libs/databases/src', importing('@quittance/platform')],
  ['persistence in postgres', imports, 'libs/postgres/src', importing('@quittance/persistence')],
  ['the gateway in persistence', imports, 'libs/persistence/src', importing('@quittance/gateway')],
  ['queues in persistence', imports, 'libs/persistence/src', importing('@quittance/queues')],
  ['queues in redis', imports, 'libs/redis/src', importing('@quittance/queues')],
  ['payments in queues', imports, 'libs/queues/src', importing('@quittance/payments')],
  ['persistence in queues', imports, 'libs/queues/src', importing('@quittance/persistence')],
  ['payments in events', imports, 'libs/events/src', importing('@quittance/payments')],
  ['persistence in events', imports, 'libs/events/src', importing('@quittance/persistence')],
  ['the gateway in the modules', imports, 'libs/modules/src', importing('@quittance/gateway')],
  ['the modules in a lib', imports, 'libs/queues/src', importing('@quittance/modules')],
  ['the modules in the orders', imports, 'apps/orders/src', importing('@quittance/modules')],
  ['Nest in persistence', imports, 'libs/persistence/src', importing('@nestjs/common')],
  ['an app in an app', imports, 'apps/api/src', importing('../../worker/src/config.js')],
  ['the operator in the api', imports, 'apps/api/src', importing('../../operator/src/config.js')],
  [
    'the operator in a lib',
    imports,
    'libs/vault/src',
    importing('../../../apps/operator/src/a.js'),
  ],
  ['the api in the operator', imports, 'apps/operator/src', importing('../../api/src/config.js')],
  ['the modules in the operator', imports, 'apps/operator/src', importing('@quittance/modules')],
  ['Nest in the operator', imports, 'apps/operator/src', importing('@nestjs/common')],
  [
    'the wire in the operator',
    imports,
    'apps/operator/src',
    importing('@quittance/gateway-protocol'),
  ],
  ['operations in the worker', imports, 'apps/worker/src', importing('@quittance/operations')],
  [
    'a database of the deployment in the api',
    imports,
    'apps/api/src',
    importing('@quittance/databases'),
  ],
  [
    'operations in persistence',
    imports,
    'libs/persistence/src',
    importing('@quittance/operations'),
  ],
  ['queues in operations', imports, 'libs/operations/src', importing('@quittance/queues')],
  [
    'one half of a ring of types',
    'import(no-cycle)',
    'libs/queues/src/ring-one.ts',
    "import type { Two } from './ring-two.js';\nexport interface One {\n  two: Two;\n}",
  ],
  [
    'the other half of a ring of types',
    'import(no-cycle)',
    'libs/queues/src/ring-two.ts',
    "import type { One } from './ring-one.js';\nexport interface Two {\n  one: One;\n}",
  ],
  ['a lib in the API keys', imports, 'libs/api-keys/src', importing('@quittance/persistence')],
  [
    'the present time in the API keys',
    'quittance(no-clock)',
    'libs/api-keys/src',
    'export const t = Date.now();',
  ],
  ['an app in a lib', imports, 'libs/gateway/src', importing('../../../apps/api/src/config.js')],
  ['behind an index by name', imports, 'apps/api/src', importing('@quittance/vault/src/jwe.js')],
  ['behind an index by path', imports, 'apps/api/src', importing('../../../libs/vault/src/jwe.js')],
  [
    'behind an index between libs',
    imports,
    'libs/gateway/src',
    importing('../../vault/src/jwe.js'),
  ],
  [
    'behind an index from an end-to-end test',
    imports,
    'test/support',
    importing('../../libs/vault/src/jwe.js'),
  ],
  ['a test helper in a lib', imports, 'libs/gateway/src', importing('../test/byte-server.js')],
  ['payments in the sandbox', imports, 'apps/sandbox/src', importing('@quittance/payments')],
  ['the gateway in the sandbox', imports, 'apps/sandbox/src', importing('@quittance/gateway')],
  ['persistence in the sandbox', imports, 'apps/sandbox/src', importing('@quittance/persistence')],
  ['persistence in the orders', imports, 'apps/orders/src', importing('@quittance/persistence')],
  [
    'a star export',
    'quittance(no-export-all)',
    'libs/events/src',
    "export * from './contract.js';",
  ],
  ['a default export', 'import(no-default-export)', 'apps/api/src', 'export default 1;'],
  ['any', 'typescript(no-explicit-any)', 'apps/api/src', 'export const a: any = 1;'],
  [
    'a silenced type error',
    'typescript(ban-ts-comment)',
    'apps/api/src',
    '// @ts-ignore\nexport const a = 1;',
  ],
  [
    'a promise that is not awaited',
    'typescript(no-floating-promises)',
    'apps/api/src',
    'Promise.reject(new Error());\nexport {};',
  ],
  [
    'a switch that forgets a case',
    'typescript(switch-exhaustiveness-check)',
    'apps/api/src',
    "export function f(s: 'a' | 'b'): void {\n  switch (s) {\n    case 'a':\n      break;\n  }\n}",
  ],
  [
    'the environment outside main.ts',
    'node(no-process-env)',
    'apps/api/src',
    "export const p = process.env['X'];",
  ],
  ['a package in cards', imports, 'libs/cards/src', importing('pg')],
  ['a card in clear in the api', clear, 'apps/api/src/intake', inClear],
  ['a card in clear beside where it is sealed', clear, 'libs/vault/src', inClear],
  ['a card in clear beside where it is sent', clear, 'apps/worker/src/submission', inClear],
  [
    'the way to a card in clear by computed name',
    clear,
    'apps/api/src',
    "export const f = (card: any): unknown => card['cardInClear'];",
  ],
  [
    'the way to a card in clear out of a pattern',
    clear,
    'apps/api/src',
    'export const f = ({ cardInClear }: { cardInClear: string }): string => cardInClear;',
  ],
  [
    'a private field by the word of TypeScript',
    'quittance(private-members)',
    'apps/api/src',
    'export class A {\n  private a = 1;\n  b = () => this.a;\n}',
  ],
  [
    'a private method by the word of TypeScript',
    'quittance(private-members)',
    'apps/api/src',
    'export class A {\n  private a() {}\n  b = () => this.a();\n}',
  ],
  [
    'a constant in small letters',
    'quittance(constant-case)',
    'libs/vault/src',
    'export const keyBytes = 4 * 8;',
  ],
  ['console', 'eslint(no-console)', 'apps/api/src', "console.log('x');"],
];

const allowed: readonly Row[] = [
  ['a neighbour in payments', '', 'libs/payments/src', importing('./money.js')],
  ['a given time in payments', '', 'libs/payments/src', 'export const t = new Date(5);'],
  ['zod in the protocol', '', 'libs/gateway-protocol/src', importing('zod')],
  [
    'a lib in a test of payments',
    '',
    'libs/payments/src/case.spec.ts',
    importing('@quittance/vault'),
  ],
  ['a package in an app with a row', '', 'apps/sandbox/src', importing('zod')],
  ['a package by the start of its name', '', 'libs/events/src', importing('@nestjs/common')],
  [
    'a constructor and its parameters called private',
    '',
    'apps/api/src',
    'export class A {\n  private constructor(private readonly a: number) {}\n  static of = () => new A(1).a;\n}',
  ],
  ['platform in queues', '', 'libs/queues/src', importing('@quittance/platform')],
  ['operations in the operator', '', 'apps/operator/src', importing('@quittance/operations')],
  ['operations in the api', '', 'apps/api/src', importing('@quittance/operations')],
  ['a lib in the operator', '', 'apps/operator/src', importing('@quittance/persistence')],
  ['Nest in the modules', '', 'libs/modules/src', importing('@nestjs/common')],
  ['persistence in the modules', '', 'libs/modules/src', importing('@quittance/persistence')],
  ['a lib in an app', '', 'apps/worker/src', importing('@quittance/payments')],
  ['a card in clear where it is sealed', '', 'libs/vault/src/card.ts', inClear],
  [
    'a card in clear where the request is built',
    '',
    'apps/worker/src/submission/create-request-builder.ts',
    inClear,
  ],
  ['the wire in the sandbox', '', 'apps/sandbox/src', importing('@quittance/gateway-protocol')],
];

const place = mkdtempSync(join(tmpdir(), 'lint-rules-'));
/** A row names a folder, or a file where the rule is about one file. */
const fileOf = ([, , where]: Row, index: number): string =>
  where.endsWith('.ts') ? where : join(where, `case-${index}.ts`);
let diagnostics: readonly Diagnostic[] = [];

beforeAll(async () => {
  for (const name of ['.oxlintrc.json', '.oxlint', 'tsconfig.json'])
    cpSync(join(root, name), join(place, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
  [...refused, ...allowed].forEach((row, index) => {
    const file = join(place, fileOf(row, index));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, row[3]);
  });
  diagnostics = await lint();
}, LIMIT_MS);
afterAll(() => rmSync(place, { recursive: true }));

function lint(): Promise<readonly Diagnostic[]> {
  const program = join(root, 'node_modules/oxlint/bin/oxlint');
  const options = ['--type-aware', '--format', 'json', 'apps', 'libs', 'packages', 'test'];
  return new Promise((done, fail) => {
    // It ends with 1 because it finds something; without its findings there is no JSON to read.
    execFile(process.execPath, [program, ...options], { cwd: place }, (_, stdout, stderr) => {
      try {
        done((JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics);
      } catch {
        fail(new Error(`oxlint did not run: ${stderr}${stdout}`));
      }
    });
  });
}

const findingsIn = (file: string): string[] =>
  diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code);

describe('the linter', () => {
  it.each(refused.map((row, index) => [row[0], row[1], fileOf(row, index)] as const))(
    'refuses %s',
    (_, rule, file) => {
      expect(findingsIn(file)).toContain(rule);
    },
  );

  it.each(allowed.map((row, index) => [row[0], fileOf(row, refused.length + index)] as const))(
    'allows %s',
    (_, file) => {
      expect(findingsIn(file)).toEqual([]);
    },
  );
});
