// Goal: code that sends a payment again after its fence does not compile unless it names the card.
// Method: the compiler itself, with the project's options, over a fixture; no line follows that
// could hide the error.
import { resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../..');
const place = resolve(root, 'apps/worker/src/submission/never-written.ts');

const HEAD = `
import type { Terminal } from '@quittance/persistence';
import type { CreateRequestBuilder } from './create-request-builder.js';
import type { FencedPayment } from './fence.js';
export async function again(requests: CreateRequestBuilder, fenced: FencedPayment, terminal: Terminal, card: string) {
`;

/** The compiler's errors about a function body in the place of the submission. */
function errorsIn(body: string): string[] {
  const file = ts.readConfigFile(resolve(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(file.config, ts.sys, root);
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const read = host.getSourceFile.bind(host);
  const text = `${HEAD}${body}\n}\n`;
  host.getSourceFile = (name, ...rest) =>
    resolve(name) === place
      ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2023)
      : read(name, ...rest);
  const program = ts.createProgram([place], { ...options, noEmit: true }, host);
  const source = program.getSourceFile(place);
  return ts
    .getPreEmitDiagnostics(program, source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const COMPILING_MS = 120_000;

it(
  'refuses to build another request for a payment whose fence is taken',
  () => {
    const errors = errorsIn('  return requests.build(fenced, terminal);');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(
      "'FencedPayment' is not assignable to parameter of type 'UnsentPayment'",
    );
  },
  COMPILING_MS,
);

it(
  'permits one with an explicit card',
  () => {
    expect(
      errorsIn('  return requests.build({ payment: fenced.payment, sealedCard: card }, terminal);'),
    ).toEqual([]);
  },
  COMPILING_MS,
);
