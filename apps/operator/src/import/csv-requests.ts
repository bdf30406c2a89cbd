// Reads a CSV file as requests for payments: a row each, with the dotted paths of the request as
// column names. Error texts name rows and columns, never a cell, which may hold a card.
import { OperatorError } from '@quittance/operations';
import type { CreatePaymentIntent } from '@quittance/client';
import { parse } from 'csv-parse';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** A file that was read once: how many rows it has, and a name that only its content decides. */
export interface CsvFile {
  readonly path: string;
  readonly rows: number;
  readonly digest: string;
}

/** `card.number`, `customer.address.line1`; below `metadata` any name. */
const COLUMN = /^(?:metadata\..{1,40}|[a-z][a-z0-9_]{0,39}(?:\.[a-z][a-z0-9_]{0,39}){0,3})$/;

/**
 * Reads a file to its end. Throws {@link OperatorError} when it is not CSV with a usable header.
 */
export async function inspectCsv(path: string): Promise<CsvFile> {
  const hash = createHash('sha256');
  let rows = 0;
  const requests = rowsOf(path, (bytes) => hash.update(bytes));
  while ((await requests.next()).done !== true) rows += 1;
  return { path, rows, digest: hash.digest('hex') };
}

/** Yields the requests of a file, from row `from` on; the first row after the header is row 1. */
export async function* requestsOf(
  { path }: CsvFile,
  from: number,
): AsyncGenerator<CreatePaymentIntent, void, undefined> {
  let row = 0;
  for await (const request of rowsOf(path)) {
    row += 1;
    if (row >= from) yield request;
  }
}

async function* rowsOf(
  path: string,
  onBytes: (bytes: Buffer) => void = () => undefined,
): AsyncGenerator<CreatePaymentIntent, void, undefined> {
  const file = createReadStream(path);
  const parser = parse({ bom: true, skip_empty_lines: true, info: true });
  file.on('data', (bytes) => onBytes(Buffer.from(bytes)));
  file.on('error', (error) => parser.destroy(error));
  file.pipe(parser);
  let columns: readonly string[] | undefined;
  try {
    for await (const { record } of parser as AsyncIterable<{ record: string[] }>) {
      if (columns) yield requestOf(columns, record);
      else columns = columnsIn(record);
    }
  } catch (error) {
    throw error instanceof OperatorError ? error : new OperatorError(messageFor(error, path));
  } finally {
    file.destroy();
  }
}

function columnsIn(header: readonly string[]): readonly string[] {
  const columns = header.map((name) => name.trim());
  const unusable = columns.flatMap((name, at) => (COLUMN.test(name) ? [] : [at + 1]));
  if (unusable.length > 0) {
    throw new OperatorError(
      `The first row must name the columns by the fields of a payment, such as card.number; see column ${unusable.join(', ')}.`,
    );
  }
  const repeated = columns.find((name, at) => columns.indexOf(name) !== at);
  if (repeated !== undefined) throw new OperatorError(`Two columns are named ${repeated}.`);
  return columns;
}

/** An empty cell is an absent field. */
function requestOf(columns: readonly string[], cells: readonly string[]): CreatePaymentIntent {
  const request: Record<string, unknown> = {};
  columns.forEach((column, at) => {
    const cell = cells[at]?.trim() ?? '';
    if (cell !== '') setField(request, namesIn(column), cell);
  });
  return request as unknown as CreatePaymentIntent;
}

/** Names below `metadata` may contain dots. */
function namesIn(column: string): readonly string[] {
  const [first = '', ...rest] = column.split('.');
  return first === 'metadata' && rest.length > 0 ? [first, rest.join('.')] : [first, ...rest];
}

function setField(
  object: Record<string, unknown>,
  [name = '', ...rest]: readonly string[],
  value: string,
): void {
  if (rest.length === 0) object[name] = value;
  else {
    const inner = (object[name] ??= {});
    setField(inner as Record<string, unknown>, rest, value);
  }
}

interface CsvFault {
  readonly code?: string;
  readonly lines?: number;
}

/** The parser's own messages quote cells. */
function messageFor(error: unknown, path: string): string {
  const { code, lines } = error as CsvFault;
  if (code === 'ENOENT') return `There is no file ${path}.`;
  if (lines === undefined) return `${path} cannot be read (${code ?? 'unknown'}).`;
  if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    return `Line ${lines} of ${path} does not have as many cells as the first line has columns. Nothing was sent.`;
  }
  return `${path} is not CSV at line ${lines} (${code}). Nothing was sent.`;
}
