// The live overview: server-sent events (WHATWG HTML, section 9.2), one per second. All listeners
// of this process share one query a second, and one check of their sessions every five.
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type LiveSecond, loadSeconds } from '@quittance/operations';
import { Clock, Logger, PeriodicTask, Unavailable } from '@quittance/platform';
import { PassThrough, type Readable } from 'node:stream';
import { Pool } from 'pg';
import type { OpsCaller } from '../sign-in/ops-caller.js';
import { OpsSessions } from '../sign-in/ops-sessions.js';

const SECOND_MS = 1_000;
const CHECK_EVERY_MS = 5_000;
/** Proxies close connections that are silent for a minute. */
const HEARTBEAT_EVERY_MS = 15_000;
const LISTENERS_MAX = 200;
/** A browser opens six connections to a host; a machine needs one. */
const LISTENERS_PER_CALLER_MAX = 20;
/** A listener that has not read so many bytes, about half a minute, is disconnected. */
const UNREAD_BYTES_MAX = 64 * 1024;

/** Browsers reconnect after this time. */
const BEGINNING = 'retry: 3000\n\n';
const HEARTBEAT = ':\n\n';

const TOO_MANY = new Unavailable('too_many_listeners', 'Too many pages follow the overview.', {
  retryAfterSeconds: 30,
});
const STOPPING = new Unavailable('stopping', 'This process is stopping.');

@Injectable()
export class LiveOverview implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #listeners = new Map<PassThrough, OpsCaller>();
  readonly #seconds: PeriodicTask;
  readonly #heartbeats: PeriodicTask;
  #last: number | undefined;
  #checkedAt = -Infinity;
  #isStopping = false;

  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly sessions: OpsSessions,
    log: Logger,
  ) {
    this.#seconds = new PeriodicTask({
      name: 'live overview',
      everyMs: SECOND_MS,
      run: () => this.#second(),
      log,
    });
    this.#heartbeats = new PeriodicTask({
      name: 'heartbeats of the live overview',
      everyMs: HEARTBEAT_EVERY_MS,
      run: () => Promise.resolve(this.#send(HEARTBEAT)),
      log,
    });
  }

  /**
   * Adds a listener. Returns its stream, which ends with its session or key, or when this process
   * stops. Throws {@link Unavailable} (503) beyond the limits.
   */
  listen(caller: OpsCaller): Readable {
    if (this.#isStopping) throw STOPPING;
    const proof = proofOf(caller);
    const own = [...this.#listeners.values()].filter((other) => proofOf(other) === proof);
    if (this.#listeners.size >= LISTENERS_MAX || own.length >= LISTENERS_PER_CALLER_MAX)
      throw TOO_MANY;
    const stream = new PassThrough({ highWaterMark: UNREAD_BYTES_MAX });
    stream.once('close', () => this.#remove(stream));
    stream.write(BEGINNING);
    this.#listeners.set(stream, caller);
    this.#seconds.start();
    this.#heartbeats.start();
    return stream;
  }

  async #second(): Promise<void> {
    await this.#endInvalid();
    const seconds = await loadSeconds({ pool: this.pool, clock: this.clock }, this.#last);
    this.#last = seconds.at(-1)?.at ?? this.#last;
    if (seconds.length > 0) this.#send(seconds.map(eventOf).join(''));
  }

  /** Without Postgres it throws, and then no listener gets anything. */
  async #endInvalid(): Promise<void> {
    if (performance.now() - this.#checkedAt < CHECK_EVERY_MS) return;
    const listening = [...this.#listeners];
    const valid = new Set(await this.sessions.validAmong(listening.map(([, caller]) => caller)));
    for (const [stream, caller] of listening) if (!valid.has(caller)) stream.end();
    this.#checkedAt = performance.now();
  }

  #send(text: string): void {
    for (const stream of this.#listeners.keys()) {
      if (stream.writable && !stream.write(text)) stream.destroy();
    }
  }

  #remove(stream: PassThrough): void {
    this.#listeners.delete(stream);
    if (this.#listeners.size > 0) return;
    void this.#seconds.stop();
    void this.#heartbeats.stop();
    this.#last = undefined;
  }

  /** Ends the streams, which would hold up the stop. */
  beforeApplicationShutdown(): void {
    this.#isStopping = true;
    for (const stream of this.#listeners.keys()) stream.end();
  }

  /** Waits for the last query. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.#seconds.stop(), this.#heartbeats.stop()]);
  }
}

const eventOf = (second: LiveSecond) =>
  `event: second\nid: ${second.at}\ndata: ${JSON.stringify(second)}\n\n`;

const proofOf = ({ proof }: OpsCaller) =>
  proof.kind === 'session' ? proof.tokenSha256.toString('hex') : proof.keyId;
