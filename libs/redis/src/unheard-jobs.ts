// Jobs that Redis has handed to a worker which never heard of it: the answer was lost with its connection. Redis holds them
// for the worker until their lock runs out, a minute or two; their owner can give them back at once, because it knows that
// it has nothing of the kind in hand.
import type { Worker } from 'bullmq';
import { removeRefused } from './refused-jobs.js';

/** Looks at which a job must have been missing from our hands. Its answer, or its end, may be under way at one of them. */
const LOOKS = 2;

/** What BullMQ parses of a job before it hands it out. */
const PARSED = ['opts', 'progress', 'parent'] as const;

/** What one worker was handed unheard. */
export class UnheardJobs {
  readonly #seen = new Map<string, number>();

  /**
   * Gives back the jobs that are locked by `worker` and were not `inHand` at this look nor the one before. Resolves with
   * their ids. One that BullMQ could not read, and would hand out for ever, is removed. Rejects while Redis is away. A job that was in hand after all is done twice, which is harmless: who may
   * do what a job is about is decided in Postgres.
   */
  async giveBack(worker: Worker, inHand: ReadonlySet<string>): Promise<readonly string[]> {
    const client = await worker.getBackend().client;
    const ids = (await client.lrange(worker.toKey('active'), 0, -1)).filter(
      (id) => !inHand.has(id),
    );
    const locks = await Promise.all(ids.map((id) => client.get(`${worker.toKey(id)}:lock`)));
    const missing = ids.flatMap((id, at) => {
      const token = locks[at];
      return token?.startsWith(`${worker.id}:`) ? [{ id, token }] : [];
    });
    const isMissing = new Set(missing.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!isMissing.has(id)) this.#seen.delete(id);
    const given: string[] = [];
    for (const { id, token } of missing) {
      const looks = (this.#seen.get(id) ?? 0) + 1;
      this.#seen.set(id, looks);
      if (looks < LOOKS) continue;
      this.#seen.delete(id);
      const parts = await client.hmget(worker.toKey(id), ...PARSED);
      if (!parts.every(isJson)) {
        await removeRefused(worker, id, 'it cannot be parsed');
        continue;
      }
      await worker.getBackend().moveJobFromActiveToWait(id, token);
      given.push(id);
    }
    return given;
  }
}

function isJson(text: string | null): boolean {
  try {
    if (text) JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
