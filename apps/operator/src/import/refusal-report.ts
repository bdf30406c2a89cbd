// Writes the rows that were refused to a CSV file, one line for each fault, without any cell of the
// row but its reference.
import type { BatchOutcome } from '@quittance/client';
import { type FileHandle, open } from 'node:fs/promises';
import { withoutCards } from '../command/card-numbers.js';

const HEADER = 'row,reference,status,code,field,fault,message\n';

/** Readable by its owner alone: references are the merchant's business. */
const MODE = 0o600;

/** A report that grows while the import runs. */
export class RefusalReport {
  readonly path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Opens a report; one that an earlier run began is continued. */
  static async open(path: string): Promise<RefusalReport> {
    const file = await open(path, 'a', MODE);
    const { size } = await file.stat();
    if (size === 0) await file.write(HEADER);
    return new RefusalReport(path, file);
  }

  /** Adds a refused row. */
  async add(
    { line, error }: Extract<BatchOutcome, { payment?: undefined }>,
    reference: string,
  ): Promise<void> {
    const faults = error.errors ?? [{ path: '', code: '', message: error.detail }];
    const lines = faults.map(({ path, code, message }) => {
      // A reference that holds a card number is what the row was refused for.
      const shown = withoutCards(reference);
      return [String(line), shown, String(error.status), error.code, path, code, message];
    });
    await this.#file.write(lines.map((cells) => `${cells.map(quoted).join(',')}\n`).join(''));
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Quotes a cell where necessary, and keeps spreadsheets from reading it as a formula. */
function quoted(cell: string): string {
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
