// What a process has cost so far, as the kernel counts it. Linux only; elsewhere there are no such
// figures.
import { readFileSync, readdirSync } from 'node:fs';

/** The kernel counts in hundredths of a second on every Linux there is (`getconf CLK_TCK`). */
const TICK_MS = 10;

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Field numbers as in proc(5), which counts from 1 and has the state at 3. */
function stat(pid: number) {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  if (text === '') return undefined;
  // The name in brackets may hold spaces and brackets of its own.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    state: fields[0] ?? '',
    parent: field(4),
    cpuMs: (field(14) + field(15)) * TICK_MS,
    endedChildrenCpuMs: (field(16) + field(17)) * TICK_MS,
  };
}

function children(pid: number): number[] {
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return others.map(Number).filter((other) => stat(other)?.parent === pid);
}

/** Whether this system tells. */
export const hasProcessFigures = process.platform === 'linux';

/**
 * CPU time of a process, or of a whole family: with its children, also those that have ended.
 * @returns milliseconds since its start
 */
export function cpuMs(pid: number, { family = false } = {}): number {
  const own = stat(pid);
  if (own === undefined) return 0;
  if (!family) return own.cpuMs;
  const ofChildren = children(pid).map((child) => stat(child)?.cpuMs ?? 0);
  return own.cpuMs + own.endedChildrenCpuMs + ofChildren.reduce((sum, ms) => sum + ms, 0);
}

/**
 * What a process is doing: the kernel's letter, such as `R` running, `S` waiting, `T` stopped, or
 * `gone`.
 */
export function processState(pid: number): string {
  return stat(pid)?.state ?? 'gone';
}

function kilobytes(pid: number, file: string, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readOrEmpty(`/proc/${pid}/${file}`));
  return Number(line?.[1] ?? 0);
}

/** In MB. */
export interface Memory {
  readonly now: number;
  readonly peak?: number;
}

const megabytes = (kb: number): number => Math.round(kb / 102.4) / 10;

/**
 * Resident memory in MB. Of a family the proportional share is summed, or what its processes share
 * would count many times; the kernel keeps no peak of that.
 */
export function memoryMb(pid: number, { family = false } = {}): Memory {
  if (family) {
    const shares = [pid, ...children(pid)].map((one) => kilobytes(one, 'smaps_rollup', 'Pss'));
    return { now: megabytes(shares.reduce((sum, kb) => sum + kb, 0)) };
  }
  return {
    now: megabytes(kilobytes(pid, 'status', 'VmRSS')),
    peak: megabytes(kilobytes(pid, 'status', 'VmHWM')),
  };
}
