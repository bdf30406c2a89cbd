// Keeps the events of one payment in order inside a process that works on several batches at once: a batch waits for
// those before it that hold a payment of its own. Across processes the subscriber's rows are the only order there is.

/** Runs tasks at once unless they share a subject. */
export class SubjectOrder {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `task` when every earlier task with one of these subjects has ended. */
  async run<T>(subjects: readonly string[], task: () => Promise<T>): Promise<T> {
    const own = new Set(subjects);
    const before = [...own].flatMap((subject) => this.#tails.get(subject) ?? []);
    const result = before.length === 0 ? task() : Promise.allSettled(before).then(task);
    for (const subject of own) this.#tails.set(subject, result);
    try {
      return await result;
    } finally {
      for (const subject of own) {
        if (this.#tails.get(subject) === result) this.#tails.delete(subject);
      }
    }
  }
}
