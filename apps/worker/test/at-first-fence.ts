// A place between a fence and the process that takes it, where tests have things happen.

/** What becomes of a statement: runs it or not, and answers for it or breaks. */
export type Fate = (record: () => Promise<boolean>) => Promise<boolean>;

/** The store, the first change of which meets `fate`; later ones are written as ever. */
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

/** The change is committed, then something happens before its writer hears of it. */
export const heldUp =
  (meanwhile: () => unknown): Fate =>
  async (record) => {
    const isWritten = await record();
    await meanwhile();
    return isWritten;
  };

/** Something happens in the statement's place or around it, and no answer to it ever arrives. */
export const unanswered =
  (event: (record: () => Promise<boolean>) => unknown): Fate =>
  async (record) => {
    await event(record);
    throw new Error('Connection terminated unexpectedly');
  };
