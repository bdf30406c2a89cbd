// Reads and edits the key sets of all processes, which are files in one folder: `api.json`,
// `worker.json`, `webhook.json`, `operator.json`.
import { errorCodeOf } from '@quittance/platform';
import {
  KEY_SET_HOLDERS,
  KeySetError,
  type KeySetHolder,
  type KeySetJson,
  parseKeySet,
} from '@quittance/vault';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';
import { checkReplaceable, removeUnfinished, replaceFile } from './private-file.js';

interface KeyFile {
  readonly path: string;
  text: string;
}

/**
 * Returns the folder of the key files: the given one, or that of the operator's key set. Throws
 * {@link OperatorError} without either.
 */
export function keyFolderOf({ keyFile }: Operator, folder: string | undefined): string {
  if (folder !== undefined) return folder;
  if (keyFile !== undefined) return dirname(keyFile);
  throw new OperatorError(
    'There are no key files to change: QUITTANCE_KEYSET is unset or contains the JSON itself. Write the key sets to api.json, ' +
      'worker.json, webhook.json and operator.json in one folder and name it with --folder. Processes whose key set is a ' +
      'variable load a change when they are restarted with the new text.',
  );
}

export class KeyFolder {
  private constructor(
    readonly path: string,
    private readonly files: ReadonlyMap<KeySetHolder, KeyFile>,
  ) {}

  /**
   * Reads the files. Throws {@link OperatorError}, with nothing changed, unless each file exists,
   * is a valid key set and can be replaced.
   */
  static async open(path: string): Promise<KeyFolder> {
    const files = new Map<KeySetHolder, KeyFile>();
    for (const holder of KEY_SET_HOLDERS) {
      files.set(holder, await readKeyFile(join(path, `${holder}.json`)));
    }
    return new KeyFolder(path, files);
  }

  /** Returns the key set in a holder's file. */
  keySet(holder: KeySetHolder): KeySetJson {
    return JSON.parse(this.#file(holder).text) as KeySetJson;
  }

  /**
   * Edits the files of these holders in order and skips unchanged ones. Throws {@link
   * OperatorError} at the first file that cannot be written: the files before it are changed, and
   * the same command continues from there.
   */
  async change(
    holders: readonly KeySetHolder[],
    edit: (set: KeySetJson, holder: KeySetHolder) => KeySetJson,
  ): Promise<void> {
    for (const holder of holders) {
      const file = this.#file(holder);
      const before = this.keySet(holder);
      const after = edit(before, holder);
      if (after === before) continue;
      const text = `${JSON.stringify(after, null, 2)}\n`;
      // A file must never contain a key set that its process would reject.
      parseKeySet(text);
      await write(file, text);
    }
  }

  #file(holder: KeySetHolder): KeyFile {
    const file = this.files.get(holder);
    if (!file) throw new Error(`there is no key file of ${holder}`);
    return file;
  }
}

async function readKeyFile(path: string): Promise<KeyFile> {
  try {
    await checkReplaceable(path);
    await removeUnfinished(path);
    const text = await readFile(path, 'utf8');
    parseKeySet(text);
    return { path, text };
  } catch (error) {
    throw new OperatorError(`${path} cannot be changed: ${reasonOf(error)}. Nothing was changed.`);
  }
}

async function write(file: KeyFile, text: string): Promise<void> {
  let isWritten: boolean;
  try {
    isWritten = await replaceFile(file.path, file.text, text);
  } catch (error) {
    throw new OperatorError(
      `${file.path} could not be written: ${reasonOf(error)}. Fix the cause and run the same command again; it continues from here.`,
    );
  }
  if (!isWritten)
    throw new OperatorError(
      `${file.path} was changed in the meantime by another program. Check it, then run the same command again.`,
    );
  file.text = text;
}

/** Returns the reason for an error, without any of the file's content. */
function reasonOf(error: unknown): string {
  if (error instanceof KeySetError) return error.message;
  return errorCodeOf(error) ?? 'it cannot be read';
}
