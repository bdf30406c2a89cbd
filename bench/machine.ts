// The machine that the figures were taken on; without it they mean nothing.
import { cpus, loadavg, totalmem } from 'node:os';
import { rounded } from './figures.js';

/** `load_before` is the load of the last minute: above 0.5, something else is at work. */
export function describeMachine() {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    processors: processors.length,
    model: processors[0]?.model ?? 'unknown',
    memory_gb: rounded(totalmem() / 1024 ** 3, 0),
    load_before: rounded(loadavg()[0] ?? 0, 2),
    node: process.versions.node,
  };
}
