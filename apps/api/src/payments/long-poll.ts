// Long polls: `Prefer: wait=<s>` holds a response until a record has changed. An announcement over
// Redis ends the wait; Postgres, read then and once a second anyway, decides whether it is over.
import { Injectable } from '@nestjs/common';
import { Metrics } from '@quittance/platform';
import { ChangeSignal } from '@quittance/queues';
import type { Payment } from '@quittance/payments';
import { Payments } from '@quittance/persistence';
import type { FastifyReply } from 'fastify';
import { HeldAnswerSettings } from '../config.js';

// How many responses may be held at once. Each costs a connection, memory and a read of Postgres a
// second. Where there is no place, the response leaves at once, as if it had not been asked to
// wait: the request is done all the same.

@Injectable()
export class HoldingPlaces {
  readonly #taken = new Map<string, number>();
  readonly #declined;
  #total = 0;

  constructor(
    private readonly settings: HeldAnswerSettings,
    metrics: Metrics,
  ) {
    metrics.gauge({
      name: 'answers_held',
      help: 'Answers held now for Prefer: wait',
      collect: (gauge) => gauge.set(this.#total),
    });
    this.#declined = metrics.counter({
      name: 'answers_not_held_total',
      help: 'Answers given at once though they were to be held, because too many were held',
    });
  }

  /**
   * Takes a place for a key and returns what gives it back, to be called once; `undefined` when
   * there is none.
   */
  take(keyId: string): (() => void) | undefined {
    const ofKey = this.#taken.get(keyId) ?? 0;
    const { max, maxPerKey } = this.settings;
    if (this.#total >= max || ofKey >= maxPerKey) {
      this.#declined.inc();
      return undefined;
    }
    this.#total += 1;
    this.#taken.set(keyId, ofKey + 1);
    return () => this.#giveBack(keyId);
  }

  #giveBack(keyId: string): void {
    this.#total -= 1;
    const left = (this.#taken.get(keyId) ?? 1) - 1;
    if (left === 0) this.#taken.delete(keyId);
    else this.#taken.set(keyId, left);
  }
}

/**
 * Worst delay when the announcement is lost: short for a person at a checkout, cheap for Postgres.
 */
const LOOK_EVERY_MS = 1_000;

/** What to wait for. */
export interface AwaitOptions<T> {
  /** Whether the record has got where the caller wants it. */
  readonly until: (record: T) => boolean;
  readonly seconds: number;
  /** Resolves when the caller has disconnected. */
  readonly hungUp: Promise<void>;
  /** The API key that asks: one key cannot take all places. */
  readonly keyId: string;
}

/** The record when the wait was over; not held when there was no place for it. */
export interface Held<T> {
  readonly record: T;
  readonly isHeld: boolean;
}

/** What a look finds; `undefined` leaves the record as it was known. */
export type Look<T> = (id: string) => Promise<T | undefined>;

export class HeldAnswers<T extends { readonly id: string }> {
  readonly #look: Look<T>;
  readonly #changes: ChangeSignal;
  readonly #places: HoldingPlaces;
  readonly #waits = new Set<AbortController>();

  /** `changes` announces changes, and `places` says how many may wait. */
  constructor(look: Look<T>, changes: ChangeSignal, places: HoldingPlaces) {
    this.#look = look;
    this.#changes = changes;
    this.#places = places;
  }

  /** How many answers are being held. */
  get held(): number {
    return this.#waits.size;
  }

  /**
   * The record as soon as `until` holds for it, or as it is when the time is up, the client is gone
   * or no place is free.
   */
  async awaitChange(record: T, options: AwaitOptions<T>): Promise<Held<T>> {
    const giveBack = this.#places.take(options.keyId);
    if (!giveBack) return { record, isHeld: false };
    const wait = new AbortController();
    this.#waits.add(wait);
    const timer = setTimeout(() => wait.abort(), options.seconds * 1000);
    void options.hungUp.then(() => wait.abort());
    try {
      return { record: await this.#watch(record, options.until, wait.signal), isHeld: true };
    } finally {
      clearTimeout(timer);
      wait.abort();
      this.#waits.delete(wait);
      giveBack();
    }
  }

  /** Ends every wait: the process is about to stop. */
  stop(): void {
    for (const wait of this.#waits) wait.abort();
  }

  async #watch(record: T, until: AwaitOptions<T>['until'], signal: AbortSignal): Promise<T> {
    let current = record;
    let change = this.#changes.waitFor(record.id, LOOK_EVERY_MS, signal);
    while (!until(current) && !signal.aborted) {
      await change;
      // Listening again before looking: what happens during the look is heard.
      change = this.#changes.waitFor(record.id, LOOK_EVERY_MS, signal);
      current = (await this.#look(record.id)) ?? current;
    }
    return current;
  }
}

@Injectable()
export class AwaitPayment extends HeldAnswers<Payment> {
  constructor(payments: Payments, changes: ChangeSignal, places: HoldingPlaces) {
    super(async (id) => (await payments.load(id))?.payment, changes, places);
  }
}

/** Resolves when the connection is gone, or the answer has been sent. */
export function hungUp({ raw }: FastifyReply): Promise<void> {
  if (raw.destroyed) return Promise.resolve();
  return new Promise((resolve) => raw.once('close', () => resolve()));
}

/** A checkout's patience; also below the idle time-outs of common proxies. */
const WAIT_SECONDS_MAX = 30;
const WAIT = /^wait\s*=\s*"?(\d{1,3})"?$/i;

/**
 * The seconds wished for, 1 to 30; `undefined` when nothing sensible was asked, which the RFC says
 * to ignore.
 */
export function preferredWaitSeconds(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  for (const preference of [header].flat().join(',').split(',')) {
    // Parameters of a preference come after a semicolon; wait has none.
    const [wish = ''] = preference.split(';');
    const seconds = Number(WAIT.exec(wish.trim())?.[1] ?? 0);
    if (seconds >= 1) return seconds <= WAIT_SECONDS_MAX ? seconds : undefined;
  }
  return undefined;
}
