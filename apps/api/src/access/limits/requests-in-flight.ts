// Limits the requests of one API key that this process works on at the same time. The limit per
// second does not bound them: a second's requests that each take a minute are sixty seconds' worth.
import { Injectable } from '@nestjs/common';
import { LimitSettings } from '../../config.js';

interface OfKey {
  /** The requests without an end. */
  open: number;
  /** Those whose responses are held for `Prefer: wait`, within a limit of their own. */
  held: number;
}

@Injectable()
export class RequestsInFlight {
  readonly #byKey = new Map<string, OfKey>();

  constructor(private readonly settings: LimitSettings) {}

  /**
   * Counts a request of a key. Returns the function that ends it, which may be called repeatedly,
   * or `undefined` beyond the limit.
   */
  begin(keyId: string): (() => void) | undefined {
    const { open, held } = this.#byKey.get(keyId) ?? { open: 0, held: 0 };
    return open - held < this.settings.inFlight ? this.#count(keyId, 'open') : undefined;
  }

  /** Stops counting a request while its response is held, until the returned function is called. */
  hold(keyId: string): () => void {
    return this.#count(keyId, 'held');
  }

  #count(keyId: string, what: keyof OfKey): () => void {
    const counts = this.#byKey.get(keyId) ?? { open: 0, held: 0 };
    this.#byKey.set(keyId, counts);
    counts[what] += 1;
    let isCounted = true;
    return () => {
      if (!isCounted) return;
      isCounted = false;
      counts[what] -= 1;
      if (counts.open === 0 && counts.held === 0) this.#byKey.delete(keyId);
    };
  }
}
