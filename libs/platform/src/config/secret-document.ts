// A setting that is a whole document with secrets in it. A file keeps it out of process listings;
// the text itself suits an orchestrator that injects secrets as variables.
import { promises as files, readFileSync } from 'node:fs';
import { z } from 'zod';
import { errorCodeOf } from '../error-code.js';
import { variable, type Variable, type VariableOptions } from './variable.js';

/**
 * Parses a document. `before` is the current document of a running process. May throw an error
 * whose message is safe to print.
 */
export type ParseDocument<T> = (text: string, before: T | undefined) => T;

/** A document that may change while the process runs if it is a file. */
export class SecretDocument<T> {
  #text: string;
  #current: T;

  private constructor(
    /** The path of the file; `undefined` for a document given as text, which never changes. */
    readonly path: string | undefined,
    text: string,
    private readonly parse: ParseDocument<T>,
  ) {
    this.#text = text;
    this.#current = parse(text, undefined);
  }

  /**
   * Reads the document of a setting, which is a path or the text. Throws the error of the read or
   * of `parse`.
   */
  static read<T>(setting: string, parse: ParseDocument<T>): SecretDocument<T> {
    return setting.startsWith('{')
      ? new SecretDocument(undefined, setting, parse)
      : new SecretDocument(setting, readFileSync(setting, 'utf8'), parse);
  }

  /** The last version that was read and parsed successfully. */
  get current(): T {
    return this.#current;
  }

  /**
   * Reads the file again. Resolves with true if the document has changed. If it cannot be read or
   * parsed, keeps the current document and rejects with a message that is safe to print.
   */
  async refresh(): Promise<boolean> {
    if (this.path === undefined) return false;
    const problem = await this.#take(this.path);
    if (typeof problem === 'boolean') return problem;
    throw new Error(problem);
  }

  /**
   * Returns true if the document is new, or the reason why it cannot be used. The error itself may
   * quote the document.
   */
  async #take(path: string): Promise<boolean | string> {
    try {
      const text = await files.readFile(path, 'utf8');
      if (text === this.#text) return false;
      this.#current = this.parse(text, this.#current);
      this.#text = text;
      return true;
    } catch (error) {
      return unreadable(error);
    }
  }
}

/**
 * A document with secrets, given as a file's path or as the text itself, which starts with `{`. It
 * may change at run time ({@link SecretDocument.refresh}) and is not frozen.
 */
export function secretDocument<T>(
  name: string,
  options: Omit<VariableOptions<SecretDocument<T>>, 'default'> & {
    readonly parse: ParseDocument<T>;
  },
): Variable<SecretDocument<T>> {
  return variable(name, options, {
    expected: 'the path of a file, or its JSON text',
    isSecret: true,
    schema: z.string().transform((value, context): SecretDocument<T> => {
      try {
        return SecretDocument.read(value, options.parse);
      } catch (error) {
        context.issues.push({ code: 'custom', input: undefined, message: unreadable(error) });
        return z.NEVER;
      }
    }),
  });
}

/** An I/O error's message repeats the path, which could be a mistyped secret. Its code does not. */
function unreadable(error: unknown): string {
  const code = errorCodeOf(error);
  if (code !== undefined) return `the file cannot be read (${code})`;
  return error instanceof Error ? error.message : 'it cannot be read';
}
