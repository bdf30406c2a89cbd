// Stops a process as SIGSTOP does.

/** Blocks this thread and its timers. */
export function freeze(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}
