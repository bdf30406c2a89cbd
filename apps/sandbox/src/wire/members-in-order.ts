// Selects members of an object in the order of the reference pages, which clients may compare with.
import type { JsonObject } from './gateway-reply.js';

/** Returns the named members in the order of the names, without those that `all` lacks. */
export function membersInOrder(all: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.filter((name) => name in all).map((name) => [name, all[name]] as const),
  );
}
