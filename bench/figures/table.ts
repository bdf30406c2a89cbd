// The figures for a person to read.
import { hasProcessFigures, type Memory } from '../machine/process-figures.js';
import type { Figures, FiguresWithMemory } from './figures.js';

interface Column {
  readonly title: string;
  readonly figures: FiguresWithMemory;
}

type Cell = string | number | undefined;

const NAME_WIDTH = 30;
const CELL_WIDTH = 12;

/** What the project set out to reach (docs/performance.md). */
const TARGETS = { ratio: 0.8, overheadP50Ms: 25, memoryMb: 200 };

function line(name: string, ...cells: Cell[]): string {
  const padded = cells.map((cell) => String(cell ?? '-').padStart(CELL_WIDTH));
  return `  ${name.padEnd(NAME_WIDTH)}${padded.join('')}`.trimEnd();
}

/** The columns: every contestant that took part. */
function columnsOf({ quittance, bare, guarded }: Figures): Column[] {
  const columns = [
    { title: 'Quittance', figures: quittance },
    { title: 'bare', figures: bare },
  ];
  return guarded ? [...columns, { title: 'guarded', figures: guarded }] : columns;
}

const row = (
  columns: readonly Column[],
  name: string,
  pick: (figures: FiguresWithMemory) => Cell,
): string => line(name, ...columns.map(({ figures }) => pick(figures)));

function speedLines(columns: readonly Column[]): string[] {
  return [
    line('', ...columns.map(({ title }) => title)),
    row(columns, 'intake per second', ({ intake }) => intake.per_second),
    row(columns, '  p50 ms', ({ intake }) => intake.p50_ms),
    row(columns, '  p99 ms', ({ intake }) => intake.p99_ms),
    row(columns, 'end to end per second', ({ end_to_end: end }) => end.per_second),
    row(columns, '  accept to order domain p50 ms', ({ end_to_end: end }) => end.p50_ms),
    row(columns, '  accept to order domain p99 ms', ({ end_to_end: end }) => end.p99_ms),
  ];
}

function processLines(columns: readonly Column[], quittance: FiguresWithMemory): string[] {
  if (!hasProcessFigures) return ['  CPU and memory of processes are known on Linux only.'];
  const cpu = Object.keys(quittance.cpu_ms_per_payment).map((name) =>
    row(columns, `  ${name}`, (figures) => figures.cpu_ms_per_payment[name]),
  );
  const text = (memory: Memory | undefined) =>
    memory && `${memory.now}${memory.peak ? `/${memory.peak}` : ''}`;
  const memory = Object.keys(quittance.memory_mb).map((name) =>
    row(columns, `  ${name}`, (figures) => text(figures.memory_mb[name])),
  );
  return ['  CPU ms per payment', ...cpu, '', '  resident MB (now/peak)', ...memory];
}

function verdict(name: string, value: number, isReached: boolean, target: string): string {
  return `  ${isReached ? 'reached' : 'MISSED '}  ${name.padEnd(44)} ${value} (target ${target})`;
}

/** A figure that is shown and measured against nothing. */
function plain(name: string, value: Cell): string {
  return `           ${name.padEnd(44)} ${value}`;
}

function guardedLines({
  guarded,
  ratio_to_guarded: ratio,
  cpu_ratio_to_guarded: cpuRatio,
}: Figures): string[] {
  if (!guarded) return [];
  return [
    plain('ratio, end to end per second to guarded', ratio),
    plain('CPU per payment, Quittance to guarded', cpuRatio),
  ];
}

function targetLines(figures: Figures): string[] {
  const { quittance, overhead, ratio, cpu_ratio } = figures;
  const own = ['api', 'worker', 'webhook', 'orders'].map(
    (name) => quittance.memory_mb[name]?.peak ?? 0,
  );
  const largest = Math.max(...own);
  const { p50_ms, p99_ms } = overhead;
  return [
    verdict('ratio, end to end per second to bare', ratio, ratio >= TARGETS.ratio, '>= 0.8'),
    verdict('added to one waiting payment, p50 ms', p50_ms, p50_ms < TARGETS.overheadP50Ms, '< 25'),
    verdict('largest process, MB at its peak', largest, largest < TARGETS.memoryMb, '< 200'),
    plain('added to one waiting payment, p99 ms', p99_ms),
    plain('CPU per payment, Quittance to bare', cpu_ratio),
    ...guardedLines(figures),
  ];
}

/** Lays the figures out. */
export function figuresTable(figures: Figures): string {
  const { machine, payments, rounds, connections } = figures;
  const about = [
    `  ${payments} payments each in ${rounds} rounds, ${connections} connections`,
    `  ${machine.processors} x ${machine.model}, Node ${machine.node}, load before ${machine.load_before}`,
  ];
  const share = figures.quittance.finished_by_callback;
  if (share < 1) {
    const others = ((1 - share) * 100).toFixed(1);
    about.push(
      `  WARNING: ${others} % of Quittance's payments were not finished by their callback`,
    );
  }
  const columns = columnsOf(figures);
  const parts = [
    about,
    speedLines(columns),
    processLines(columns, figures.quittance),
    targetLines(figures),
  ];
  return parts.map((lines) => lines.join('\n')).join('\n\n');
}
