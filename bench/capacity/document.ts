// Writes the figures and the examples of docs/capacity.md between its two marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { rounded } from '../figures.js';
import type { CapacityFigures } from './measure.js';

const FILE = resolve(import.meta.dirname, '../../docs/capacity.md');
const MARKS = ['<!-- figures -->', '<!-- end of the figures -->'] as const;

/** The rates of the examples, in payments a second. */
const RATES = [10, 100, 1_000];
/** A core is planned to be busy for this share of the time: queues grow steeply above it. */
const BUSY = 0.6;
const SECONDS_A_DAY = 86_400;
const GB = 1e9;

type Table = readonly (readonly (string | number)[])[];

const sum = (figures: Readonly<Record<string, number>>) =>
  Object.values(figures).reduce((total, value) => total + value, 0);

function table([head = [], ...rows]: Table): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The part of the document that the figures make. */
export function capacityText(figures: CapacityFigures): string {
  const { cpuMs, memoryMb, storedBytes, queuedBytes, walBytes, payments } = figures;
  const processes = Object.keys(cpuMs).map((name) => [name, cpuMs[name] ?? 0, memoryMb[name] ?? 0]);
  const total = sum(cpuMs);
  const bytes = sum(storedBytes);
  const tables = Object.entries(storedBytes).toSorted(([, a], [, b]) => b - a);
  const counted = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, count]) => [`\`${name}\``, count]);
  const examples = RATES.map((rate) => [
    rate,
    rounded((rate * total) / 1000 / BUSY, 1),
    rounded((rate * walBytes) / 1e6, 2),
    rounded((rate * bytes * SECONDS_A_DAY) / GB, 2),
    rounded((rate * queuedBytes.job * 3_600) / GB, 2),
  ]);
  return `
## CPU and memory

${payments} card payments, each ended by a callback. Sum: ${rounded(total, 1)} ms of CPU a payment,
${rounded(1000 / total, 0)} payments a second for each core.

${table([['process', 'CPU, ms a payment', 'memory, MB'], ...processes])}

## Connections

At the end of that load, with one process of each kind, ${figures.postgresConnections} to Postgres
(\`DATABASE_CONNECTIONS\` is the limit of each process), and to Redis:

${table([['purpose', 'connections'], ...counted(figures.redisConnections)])}

## Postgres

${rounded(bytes, 0)} bytes a finished payment, indexes included, and ${walBytes} bytes of write-ahead
log.

${table([['table', 'bytes a payment'], ...tables])}

## Redis

${queuedBytes.job} bytes for a payment that waits for a worker, ${queuedBytes.event} for an event
that waits for a subscriber. Nothing remains of one that was handled.

## Examples

${table([
  [
    'payments a second',
    'cores',
    'log, MB/s',
    'Postgres, GB a day',
    'Redis, GB for an hour of backlog',
  ],
  ...examples,
])}
`;
}

/** Replaces the part between the marks. */
export async function writeCapacity(figures: CapacityFigures): Promise<void> {
  const document = readFileSync(FILE, 'utf8');
  const [start, end] = MARKS.map((mark) => document.indexOf(mark)) as [number, number];
  if (start < 0 || end < start) throw new Error(`docs/capacity.md has no ${MARKS.join(' and ')}`);
  const before = document.slice(0, start + MARKS[0].length);
  const text = `${before}\n${capacityText(figures)}\n${document.slice(end)}`;
  const options = await resolveConfig(FILE);
  writeFileSync(FILE, await format(text, { ...options, filepath: FILE }));
}
