// Which callbacks were kept: every one that came to a payment's own address and was answered as received, and no other.
import { createHash } from 'node:crypto';
import { onDatabase } from '@quittance/databases';

const SHOWN = 10;

/**
 * What a callback's row is known by: its payment, and the digest of its body as text. `textOf` reads bytes as the webhook app does, by
 * their mark and their charset, which is tested elsewhere.
 */
export function rowName({ subjectId, contentType, body }, textOf) {
  return `${subjectId} ${createHash('sha256').update(textOf(body, contentType)).digest('hex')}`;
}

/**
 * @param {Set<string>} kept names of rows
 * @param {Set<string>} received names of callbacks with a right token that were told 200
 */
export function keptProblems(kept, received) {
  const stray = [...kept].filter((name) => !received.has(name));
  const lost = [...received].filter((name) => !kept.has(name));
  return [
    ...stray.map((name) => `${name} was kept, but did not come with the right token`),
    ...lost.map((name) => `${name} was told received, but was not kept`),
  ].slice(0, SHOWN);
}

/** The rows of the payments named. */
export async function keptRows(databaseUrl, paymentIds) {
  const { rows } = await onDatabase(databaseUrl, (client) =>
    client.query(
      `SELECT payment_id || ' ' || encode(content_sha256, 'hex') AS name FROM callbacks WHERE payment_id = ANY ($1)`,
      [paymentIds],
    ),
  );
  return new Set(rows.map(({ name }) => name));
}
