// Long polls: `Prefer: wait=<s>` holds a response until a record has changed. A signal over Redis
// wakes the wait. Postgres, read then and once a second in any case, decides whether it is over.
import { promises as timers } from 'node:timers';
import { Injectable } from '@nestjs/common';
import { Metrics } from '@quittance/platform';
import { ChangeSignal } from '@quittance/queues';
import type { Payment } from '@quittance/payments';
import { Payments } from '@quittance/persistence';
import type { FastifyReply } from 'fastify';
import { RequestsInFlight } from '../access/limits/requests-in-flight.js';
import { LongPollSettings } from '../config.js';

/**
 * Limits the number of responses held at once. Each costs a connection, memory and a read of
 * Postgres a second. Beyond the limit, the response leaves at once, as if the caller had not asked
 * to wait; the request takes effect all the same.
 */
@Injectable()
export class LongPollSlots {
  readonly #taken = new Map<string, number>();
  readonly #declined;
  #total = 0;

  constructor(
    private readonly settings: LongPollSettings,
    private readonly inFlight: RequestsInFlight,
    metrics: Metrics,
  ) {
    metrics.gauge({
      name: 'answers_held',
      help: 'Responses held now for Prefer: wait',
      collect: (gauge) => gauge.set(this.#total),
    });
    this.#declined = metrics.counter({
      name: 'answers_not_held_total',
      help: 'Responses sent at once instead of held, because too many were held',
    });
  }

  /**
   * Takes a slot for a key. Returns a function that frees it, to be called once, or `undefined`
   * when there is none.
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
    const count = this.inFlight.hold(keyId);
    return () => {
      count();
      this.#free(keyId);
    };
  }

  #free(keyId: string): void {
    this.#total -= 1;
    const left = (this.#taken.get(keyId) ?? 1) - 1;
    if (left === 0) this.#taken.delete(keyId);
    else this.#taken.set(keyId, left);
  }
}

/** Worst delay when a signal is lost: short for a person at a checkout, cheap for Postgres. */
const READ_EVERY_MS = 1_000;

/** The condition and the limits of a wait. */
export interface AwaitOptions<T> {
  /** True when the record has reached the state that the caller waits for. */
  readonly until: (record: T) => boolean;
  readonly seconds: number;
  /** Resolves when the caller has disconnected. */
  readonly disconnected: Promise<void>;
  /** The caller's API key. One key cannot take all slots. */
  readonly keyId: string;
}

/** The record at the end of the wait. `isHeld` is false when there was no free slot. */
export interface Held<T> {
  readonly record: T;
  readonly isHeld: boolean;
}

/** Loads the record again; `undefined` keeps the last known one. */
export type Loader<T> = (known: T) => Promise<T | undefined>;

/**
 * The first pause of a poll that reads again after a signal; the pause doubles up to
 * {@link READ_EVERY_MS}.
 */
const READ_AGAIN_MS = 25;

/** Holds responses until a record has changed. Subclasses provide the loader of their record. */
export class LongPoll<T extends { readonly id: string }> {
  readonly #load: Loader<T>;
  readonly #changes: ChangeSignal;
  readonly #slots: LongPollSlots;
  readonly #readsAgain: boolean;
  readonly #waits = new Set<AbortController>();

  /**
   * `changes` signals changes by the record's id; `slots` limits the number of waits. With
   * `readsAgain`, a signal may come before its change can be read, or be about another change: the
   * record is then read again after a pause, however many signals come.
   */
  constructor(
    load: Loader<T>,
    changes: ChangeSignal,
    slots: LongPollSlots,
    { readsAgain = false } = {},
  ) {
    this.#load = load;
    this.#changes = changes;
    this.#slots = slots;
    this.#readsAgain = readsAgain;
  }

  /** The number of responses being held. */
  get held(): number {
    return this.#waits.size;
  }

  /**
   * Resolves with the record as soon as `until` holds for it, or with its current state when the
   * time is up, the client has disconnected or no slot is free.
   */
  async awaitChange(record: T, options: AwaitOptions<T>): Promise<Held<T>> {
    const freeSlot = this.#slots.take(options.keyId);
    if (!freeSlot) return { record, isHeld: false };
    const wait = new AbortController();
    this.#waits.add(wait);
    const timer = setTimeout(() => wait.abort(), options.seconds * 1000);
    void options.disconnected.then(() => wait.abort());
    try {
      return { record: await this.#watch(record, options.until, wait.signal), isHeld: true };
    } finally {
      clearTimeout(timer);
      wait.abort();
      this.#waits.delete(wait);
      freeSlot();
    }
  }

  /** Ends every wait. Called before the process stops. */
  stop(): void {
    for (const wait of this.#waits) wait.abort();
  }

  async #watch(record: T, until: AwaitOptions<T>['until'], signal: AbortSignal): Promise<T> {
    let current = record;
    let pauseMs = READ_AGAIN_MS;
    let change = this.#changes.waitFor(record.id, READ_EVERY_MS, signal);
    while (!until(current) && !signal.aborted) {
      const isAnnounced = await change;
      // Subscribes before it reads, so that no change during the read is missed.
      change = this.#changes.waitFor(record.id, READ_EVERY_MS, signal);
      current = (await this.#load(current)) ?? current;
      if (!isAnnounced) pauseMs = READ_AGAIN_MS;
      else if (this.#readsAgain)
        [current, pauseMs] = await this.#readAgain(current, pauseMs, until, signal);
    }
    return current;
  }

  /**
   * Reads with growing pauses until the change has appeared, or the pause is as long as that
   * between two reads without a signal. Returns the record and the next pause.
   */
  async #readAgain(
    record: T,
    firstPauseMs: number,
    until: AwaitOptions<T>['until'],
    signal: AbortSignal,
  ): Promise<[T, number]> {
    let current = record;
    let pauseMs = firstPauseMs;
    while (!until(current) && !signal.aborted) {
      await timers.setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
      current = (await this.#load(current)) ?? current;
      if (pauseMs === READ_EVERY_MS) break;
      pauseMs = Math.min(2 * pauseMs, READ_EVERY_MS);
    }
    return [current, pauseMs];
  }
}

/** Holds responses until a payment has changed. */
@Injectable()
export class PaymentLongPoll extends LongPoll<Payment> {
  constructor(payments: Payments, changes: ChangeSignal, slots: LongPollSlots) {
    super(async ({ id }) => (await payments.load(id))?.payment, changes, slots);
  }
}

/** Resolves when the connection is closed or the response has been sent. */
export function disconnected({ raw }: FastifyReply): Promise<void> {
  if (raw.destroyed) return Promise.resolve();
  return new Promise((resolve) => raw.once('close', () => resolve()));
}

/** The patience of a person at a checkout; also below the idle timeouts of common proxies. */
const WAIT_SECONDS_MAX = 30;
const WAIT = /^wait\s*=\s*"?(\d{1,9})"?$/i;

/**
 * Returns the requested seconds, 30 at most; `undefined` for an absent or invalid preference, which
 * RFC 7240 §2 requires to ignore.
 */
export function preferredWaitSeconds(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  for (const preference of [header].flat().join(',').split(',')) {
    // Parameters of a preference follow a semicolon; wait has none.
    const [wish = ''] = preference.split(';');
    const seconds = Number(WAIT.exec(wish.trim())?.[1] ?? 0);
    if (seconds >= 1) return Math.min(seconds, WAIT_SECONDS_MAX);
  }
  return undefined;
}
