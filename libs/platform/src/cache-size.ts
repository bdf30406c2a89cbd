// The size of caches.

/**
 * Returns the options of an `LRUCache` for at most that many entries. With its option `max` it
 * takes the memory for all of them when it is made: 0.2 to 0.4 MB for 10,000.
 */
export function atMost(entries: number) {
  return { maxSize: entries, sizeCalculation: () => 1 };
}
