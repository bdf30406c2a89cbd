// Lets tests intervene between the statement that takes a fence and the process that issued it.

/** Replaces a statement: it may run `record` or not, and resolve or reject in its place. */
export type Fate = (record: () => Promise<boolean>) => Promise<boolean>;

/** Passes the store's first change to `fate`; later changes are written as usual. */
export function atFirstFence<Store extends { record(change: never): Promise<boolean> }>(
  store: Store,
  fate: Fate,
): Store {
  const record: Store['record'] = store.record.bind(store);
  let isFirst = true;
  store.record = (change) => {
    if (!isFirst) return record(change);
    isFirst = false;
    return fate(() => record(change));
  };
  return store;
}

/** Commits the change, then runs `meanwhile` before its writer gets the result. */
export const suspended =
  (meanwhile: () => unknown): Fate =>
  async (record) => {
    const isWritten = await record();
    await meanwhile();
    return isWritten;
  };

/** Runs `event` in place of the statement or around it, and then loses the connection. */
export const unanswered =
  (event: (record: () => Promise<boolean>) => unknown): Fate =>
  async (record) => {
    await event(record);
    throw new Error('Connection terminated unexpectedly');
  };
