// The key sets of all processes, as files of one folder: `api.json`, `worker.json`, `webhook.json`,
// `operator.json`.
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
 * Where the files are: as said, or beside the operator's own. Throws {@link OperatorError} where
 * there are none.
 */
export function keyFolderOf({ keyFile }: Operator, folder: string | undefined): string {
  if (folder !== undefined) return folder;
  if (keyFile !== undefined) return dirname(keyFile);
  throw new OperatorError(
    'There are no key files to change: QUITTANCE_KEYSET is not set, or is the JSON itself. Write the key sets to api.json, ' +
      'worker.json, webhook.json and operator.json in one folder and name it with --folder. Processes whose key set is a ' +
      'variable take a change up when they are started with the new text.',
  );
}

export class KeyFolder {
  private constructor(
    readonly path: string,
    private readonly files: ReadonlyMap<KeySetHolder, KeyFile>,
  ) {}

  /**
   * Reads the files. Throws {@link OperatorError}, with nothing changed, unless each is there, is a
   * key set and can be replaced.
   */
  static async open(path: string): Promise<KeyFolder> {
    const files = new Map<KeySetHolder, KeyFile>();
    for (const holder of KEY_SET_HOLDERS) {
      files.set(holder, await readKeyFile(join(path, `${holder}.json`)));
    }
    return new KeyFolder(path, files);
  }

  /** What a holder's file says. */
  keySet(holder: KeySetHolder): KeySetJson {
    return JSON.parse(this.#file(holder).text) as KeySetJson;
  }

  /**
   * Changes the files of these holders, one after another; unchanged ones are left alone. Throws
   * {@link OperatorError} at the first that cannot be written: those before it are changed, and the
   * same command goes on from there.
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
      // Nothing that the processes would not take may come into a file of theirs.
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
      `${file.path} could not be written: ${reasonOf(error)}. Mend that and run the same command again; it goes on from here.`,
    );
  }
  if (!isWritten)
    throw new OperatorError(
      `${file.path} was changed by somebody else meanwhile. Look at it, then run the same command again.`,
    );
  file.text = text;
}

/** The words of what went wrong, without anything of the file's content. */
function reasonOf(error: unknown): string {
  if (error instanceof KeySetError) return error.message;
  return errorCodeOf(error) ?? 'it cannot be read';
}
