// On what the figures were taken; without that they mean nothing.
import { cpus, loadavg, totalmem } from 'node:os';

const BYTES_PER_GB = 1024 ** 3;

/** See {@link describeMachine}. */
export interface Machine {
  readonly date: string;
  readonly processors: number;
  readonly model: string;
  readonly memory_gb: number;
  readonly load_before: number;
  readonly node: string;
}

/**
 * The machine as one object for the JSON line. `load_before` is the one-minute load: above 0.5,
 * something else is at work.
 */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    processors: processors.length,
    model: processors[0]?.model ?? 'unknown',
    memory_gb: Math.round(totalmem() / BYTES_PER_GB),
    load_before: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    node: process.versions.node,
  };
}
