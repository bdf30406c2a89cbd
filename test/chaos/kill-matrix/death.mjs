// Waiting for a process to die where it was told to.

/** Resolves with the signal that ended the process, or `undefined` when the time is over. */
export function deathOf(started, limitMs) {
  let timer;
  const tooLate = new Promise((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  const death = started.exited.then(({ signal }) => signal);
  return Promise.race([death, tooLate]).finally(() => clearTimeout(timer));
}
