// Faults are what cannot be handled where it happens, sorted by who must act. Expected outcomes are
// values and never come through here; a bug is any other Error. Only the edges (HTTP, jobs)
// translate faults.

/**
 * Who must act: the caller (first three), nobody but time (`unavailable`), or us
 * (`invariantViolation`).
 */
export type FaultKind =
  'invalidRequest' | 'accessDenied' | 'conflict' | 'unavailable' | 'invariantViolation';

/**
 * One thing that is wrong, where it is (dotted path, `''` for the whole), a stable code, and words
 * for a person.
 */
export interface FaultEntry {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/**
 * What a fault carries besides its code and detail. `status` overrides the HTTP status its kind
 * implies.
 */
export interface FaultOptions {
  readonly status?: number;
  readonly errors?: readonly FaultEntry[];
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** The HTTP status of a kind unless the fault names its own. */
const STATUS_OF_KIND: Readonly<Record<FaultKind, number>> = {
  invalidRequest: 422,
  accessDenied: 401,
  conflict: 409,
  unavailable: 503,
  invariantViolation: 500,
};

/**
 * The base of the five kinds; throw one of the subclasses. `code` is stable and part of the public
 * contract, `detail` is for a person and is sent to the caller: neither may hold secrets or what a
 * request carried.
 */
export abstract class Fault extends Error {
  readonly status: number;
  readonly errors: readonly FaultEntry[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly kind: FaultKind,
    readonly code: string,
    readonly detail: string,
    options: FaultOptions = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.status = options.status ?? STATUS_OF_KIND[kind];
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The caller must change the request (422 unless stated). */
export class InvalidRequest extends Fault {
  constructor(code: string, detail: string, options?: FaultOptions) {
    super('invalidRequest', code, detail, options);
  }

  /** 404. Also the answer for things that exist but belong to somebody else. */
  static notFound(detail = 'There is nothing at this address.'): InvalidRequest {
    return new InvalidRequest('not_found', detail, { status: 404 });
  }

  /** 422 with every fault of the request at once. */
  static validationFailed(errors: readonly FaultEntry[]): InvalidRequest {
    const detail = `The request has ${errors.length === 1 ? 'a fault' : `${errors.length} faults`}; see errors.`;
    return new InvalidRequest('validation_failed', detail, { errors });
  }
}

/** The caller is not who they must be (401) or may not do this (403). */
export class AccessDenied extends Fault {
  constructor(code: string, detail: string, options?: FaultOptions) {
    super('accessDenied', code, detail, options);
  }

  /** 401: no key, or one we do not know. Which of the two is not told. */
  static unauthenticated(detail = 'A valid API key is required.'): AccessDenied {
    return new AccessDenied('unauthenticated', detail);
  }

  /** 403: the key is known and does not reach this far. */
  static forbidden(detail: string): AccessDenied {
    return new AccessDenied('forbidden', detail, { status: 403 });
  }
}

/** The caller must read again before trying again (409). */
export class Conflict extends Fault {
  constructor(code: string, detail: string, options?: FaultOptions) {
    super('conflict', code, detail, options);
  }
}

/** Later it may work (503), and provably nothing happened: throw it only when that is certain. */
export class Unavailable extends Fault {
  constructor(code: string, detail: string, options: FaultOptions = {}) {
    super('unavailable', code, detail, { retryAfterSeconds: 1, ...options });
  }

  /** 429: the caller asks for more than its share. */
  static tooManyRequests(detail: string, retryAfterSeconds: number): Unavailable {
    return new Unavailable('too_many_requests', detail, { status: 429, retryAfterSeconds });
  }
}

/** Something that cannot be so, is (500). The detail goes to the log only, never to the caller. */
export class InvariantViolation extends Fault {
  constructor(code: string, detail: string, options?: FaultOptions) {
    super('invariantViolation', code, detail, options);
  }
}
