// Lists by cursor.
import type { Transport } from './transport.js';

/** A page of a list. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  /** The cursor that `after` continues with. */
  readonly next: string | null;
}

interface PagedList {
  readonly path: string;
  readonly filters?: Readonly<Record<string, string | number | undefined>>;
  readonly after?: string | undefined;
  /** `Prefer: wait`, in seconds. */
  readonly waitSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The pages of a list from `after` to its present end. */
export async function* pagesOf<T>(
  transport: Transport,
  { path, filters = {}, after, waitSeconds, signal }: PagedList,
): AsyncGenerator<Page<T>, void, undefined> {
  let cursor = after;
  for (;;) {
    const query = { ...filters, after: cursor };
    const page = await transport.json<Page<T>>({ method: 'GET', path, query, waitSeconds, signal });
    yield page;
    if (!page.has_more || page.next === null) return;
    cursor = page.next;
  }
}
