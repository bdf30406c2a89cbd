// Which callbacks are to blame: those that moved a payment to where it must not be, and those kept with a secret in them. As they were
// sent, because a run ends with everything it was played against.
import { shown } from '../smallest.mjs';

const SHOWN = 14;

/**
 * @param {{ ends: string[], subjects: import('./subjects.mjs').Subject[], tally: { received: Map<string, number> },
 *   builder: import('./build-callback.mjs').CallbackBuilder, secrets: import('../oracles/secrets.mjs').Secrets }} parts `ends`: problems
 * @returns {Promise<string[]>} each in words
 */
export async function blamedCallbacks(stack, { ends, subjects, tally, builder, secrets }) {
  const moved = subjects.filter(({ reference }) =>
    ends.some((end) => end.startsWith(`${reference}:`)),
  );
  const rows = await stack.query(
    `SELECT payment_id || ' ' || encode(content_sha256, 'hex') AS name, verdict::text, fields::text,
       payment_id = ANY ($1) AND verdict = 'awaiting_inquiry' AS moved FROM callbacks ORDER BY received_at`,
    [moved.map(({ id }) => id)],
  );
  const blamed = rows.filter(
    ({ moved: hasMoved, fields }) => hasMoved || secrets.problemsIn('', fields).length > 0,
  );
  return blamed.slice(0, SHOWN).map(({ name, verdict }) => {
    const index = tally.received.get(name);
    if (index === undefined) return `${name}: ${verdict}`;
    const { done, contentType, body } = builder.build(index);
    return `callback ${index} (${done.join(' ')}), ${verdict}, ${contentType}: ${shown(body)}`;
  });
}
