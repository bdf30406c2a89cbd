// A process that stands still, as one that was sent SIGSTOP.

/** Stops this thread, timers and all. */
export function freeze(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}
