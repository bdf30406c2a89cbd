// Limits the time that a promise may take.

/** The rejection of a promise that took too long. The work behind it may continue. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';

  constructor(limitMs: number) {
    super(`not settled after ${limitMs} ms`);
  }
}

/**
 * Returns a promise that settles like `promise`, or rejects with {@link DeadlineExceeded} after
 * `limitMs`.
 */
export async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineExceeded(limitMs)), limitMs);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
