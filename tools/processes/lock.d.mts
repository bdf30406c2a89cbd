/** Who has the lock. */
export interface LockHolder {
  readonly pid: number;
  readonly purpose: string;
}

/** Exactly one of the two is there. */
export interface LockAttempt {
  readonly release?: () => void;
  readonly holder?: LockHolder;
}

export declare function tryLock(name: string, purpose?: string): LockAttempt;

export declare function withLock<T>(
  name: string,
  options: { readonly onWait?: (holder: LockHolder) => void },
  work: () => Promise<T>,
): Promise<T>;
