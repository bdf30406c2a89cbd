// Goal: whatever ends a call, every outcome that was sent is in the stored progress, so that its
// caller can continue after the last one. Method: a call over fakes that fail at a chosen line.
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { BatchProgress as Counts, PaymentBatches } from '@quittance/persistence';
import { Unavailable } from '@quittance/platform';
import { aPayment } from '../../../../test/support/payments.js';
import { BatchCall, type BatchCallParts, type BatchRequest } from './batch-call.js';
import { BatchProgress } from './batch-progress.js';

/** Four times as many as wait to be stored, so that they are stored four times at least. */
const LINES = 2_000;

interface Outcome {
  readonly line?: number;
  readonly status: number;
}

/** Runs a call of all lines. `advance` stores progress; line `failing` finds Postgres away. */
async function run(advance: (at: number) => boolean, failing = 0) {
  const marks: number[] = [];
  const batches = {
    advance: async (_batch: unknown, { settled }: Counts) => {
      const isStored = advance(marks.length + 1);
      if (isStored) marks.push(settled);
      return isStored;
    },
  } as unknown as PaymentBatches;
  let accepted = 0;
  const lines = {
    read: async (line: Buffer) => JSON.parse(String(line)) as unknown,
    accept: async () => {
      accepted += 1;
      if (accepted === failing) throw new Unavailable('unavailable', 'Postgres is away.');
      return { payment: aPayment(), terminalName: 'main', isReplayed: false };
    },
  };
  const parts = {
    lines,
    admission: { admit: async () => undefined },
    linesMax: LINES,
    idleMs: 1_000,
    onFault: () => undefined,
  } as unknown as BatchCallParts;
  const sent = Array.from({ length: LINES }, (_, at) => `{"reference":"R-${at}"}\n`).join('');
  const body = Readable.from([Buffer.from(sent)]);
  const request = { from: {}, body, firstLine: 1, requestId: 'req_1' } as BatchRequest;
  const batch = { merchantId: 'mer_1', id: 'batch', run: 1, settled: 0 };
  const call = new BatchCall(request, parts, (onFailure) => {
    return new BatchProgress(batches, batch, onFailure);
  });
  const response = new PassThrough();
  const written = text(response);
  await call.run(response);
  const outcomes = (await written)
    .trimEnd()
    .split('\n')
    .map((one) => JSON.parse(one) as Outcome);
  const ofLines = outcomes.filter(({ line }) => line !== undefined);
  expect(ofLines.map(({ line }) => line)).toEqual(ofLines.map((_, at) => at + 1));
  return { outcomes, ofLines, mark: marks.at(-1) ?? 0 };
}

it('has an outcome for each line, all of them stored', async () => {
  const { ofLines, outcomes, mark } = await run(() => true);
  expect({ mark, count: ofLines.length, all: outcomes.length }).toEqual({
    mark: LINES,
    count: LINES,
    all: LINES,
  });
});

it.each([1, 2, 3])('sends no outcome that could not be stored the %i. time', async (time) => {
  const { outcomes, ofLines, mark } = await run((at) => at < time);
  expect(ofLines).toHaveLength(mark);
  expect(outcomes.at(-1)).toMatchObject({ status: 409 });
});

it('stores no line after one that is not settled', async () => {
  const { outcomes, ofLines, mark } = await run(() => true, 300);
  const [first] = ofLines.filter(({ status }) => status === 503);
  expect(first).toMatchObject({ line: mark + 1 });
  expect(outcomes.at(-1)).toMatchObject({ status: 503 });
  expect(outcomes.at(-1)).not.toHaveProperty('line');
});
