// A setting that is a whole document with secrets in it: its own file keeps it out of process listings, its text in
// place suits an orchestrator that injects secrets as variables.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { errorCodeOf } from '../error-code.js';
import { variable, type Variable, type VariableOptions } from './variable.js';

/**
 * A document with secrets in it, given as a file's path or as the text itself (which starts with `{`). `parse` may throw
 * an error whose message is safe to print.
 */
export function secretDocument<T>(
  name: string,
  options: Omit<VariableOptions<T>, 'default'> & { readonly parse: (text: string) => T },
): Variable<T> {
  return variable(name, options, {
    expected: 'the path of a file, or its JSON text',
    isSecret: true,
    schema: z.string().transform((value, context): T => {
      try {
        return options.parse(value.startsWith('{') ? value : readFileSync(value, 'utf8'));
      } catch (error) {
        context.issues.push({ code: 'custom', input: undefined, message: unreadable(error) });
        return z.NEVER;
      }
    }),
  });
}

/** An I/O error's message repeats the path, which could be a mistyped secret; its code does not. */
function unreadable(error: unknown): string {
  const code = errorCodeOf(error);
  if (code !== undefined) return `the file cannot be read (${code})`;
  return error instanceof Error ? error.message : 'it cannot be read';
}
