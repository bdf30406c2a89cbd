// Creates a payment for each row of a CSV file over the API. The file's
// digest names the batch, so the same command continues an import that broke off.
import {
  type Batch,
  isQuittanceError,
  ProblemError,
  Quittance,
  type QuittanceError,
} from '@quittance/client';
import { OperatorError } from '@quittance/operations';
import { loadConfig } from '@quittance/platform';
import { readFileSync } from 'node:fs';
import { importConfig } from '../config.js';
import type { Output } from '../command/output.js';
import type { CliHost } from '../open-operator.js';
import { type CsvFile, inspectCsv, requestsOf } from './csv-requests.js';
import { ProgressBar } from './progress-bar.js';
import { RefusalReport } from './refusal-report.js';

/** The options of the command. */
export interface ImportOptions {
  readonly url?: string;
  readonly batch?: string;
  readonly report?: string;
  readonly signingKey?: string;
  readonly keyId?: string;
}

/** The streams of the command. */
export interface ImportHost {
  readonly cli: CliHost;
  readonly output: Output;
}

/**
 * Imports a file. Throws {@link OperatorError} when rows were refused, or when the import broke off
 * and can be continued.
 */
export async function importFile(
  host: ImportHost,
  path: string,
  options: ImportOptions,
): Promise<void> {
  const client = clientOf(host.cli, options);
  const file = await inspectCsv(path);
  if (file.rows === 0) throw new OperatorError(`${path} has no rows below its header.`);
  const batchId = options.batch ?? `import-${file.digest.slice(0, 32)}`;
  const report = await RefusalReport.open(options.report ?? `${path}.refused.csv`);
  try {
    const known = await batchOf(client, batchId);
    const settled = Math.min(known?.settled ?? 0, file.rows);
    if (settled > 0) host.output.remark(`${settled} of ${file.rows} rows are settled already.`);
    const refused = known?.refused ?? 0;
    await send({ cli: host.cli, client, file, batchId, report, settled, refused });
    finish(host, file, report, await client.payments.batch(batchId));
  } catch (error) {
    if (!isQuittanceError(error)) throw error;
    throw new OperatorError(`${reasonOf(error)} Run the same command again to continue.`);
  } finally {
    await report.close();
  }
}

interface Sending {
  readonly cli: CliHost;
  readonly client: Quittance;
  readonly file: CsvFile;
  readonly batchId: string;
  readonly report: RefusalReport;
  readonly settled: number;
  /** Of the settled rows. */
  readonly refused: number;
}

async function send(sending: Sending): Promise<void> {
  const { cli, client, file, batchId, report, settled, refused } = sending;
  const references = new Map<number, string>();
  async function* requests() {
    let row = settled;
    for await (const request of requestsOf(file, settled + 1)) {
      row += 1;
      references.set(row, request.reference);
      yield request;
    }
  }
  const bar = new ProgressBar(cli, { rows: file.rows, done: settled, refused });
  const options = { batchId, firstLine: settled + 1 };
  try {
    for await (const outcome of client.payments.createMany(requests(), options)) {
      bar.count(outcome);
      if (outcome.error) await report.add(outcome, references.get(outcome.line) ?? '');
      references.delete(outcome.line);
    }
  } finally {
    bar.end();
  }
}

function finish(
  { output }: ImportHost,
  { rows }: CsvFile,
  report: RefusalReport,
  batch: Batch,
): void {
  const { id, accepted, replayed, refused } = batch;
  const text = `${id}: ${rows} rows, ${accepted} accepted, ${replayed} replayed, ${refused} refused`;
  output.result(text, { batch: id, rows, accepted, replayed, refused, report: report.path });
  if (refused > 0) throw new OperatorError(`${refused} rows were refused; see ${report.path}.`);
}

function clientOf({ env }: CliHost, options: ImportOptions): Quittance {
  const { api } = loadConfig(importConfig, env);
  if (api.key === undefined) throw new OperatorError('Set QUITTANCE_API_KEY to a merchant’s key.');
  return new Quittance({
    baseUrl: options.url ?? api.url,
    apiKey: api.key.reveal(),
    ...(options.signingKey && { signingKey: readFileSync(options.signingKey, 'utf8') }),
    ...(options.keyId && { signingKeyId: options.keyId }),
  });
}

async function batchOf(client: Quittance, batchId: string): Promise<Batch | undefined> {
  try {
    return await client.payments.batch(batchId);
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'not_found') return undefined;
    throw error;
  }
}

function reasonOf(error: QuittanceError): string {
  if (error instanceof ProblemError) return `The API answered: ${error.detail}`;
  return 'The API does not answer.';
}
