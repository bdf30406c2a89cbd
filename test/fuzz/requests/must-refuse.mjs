// Requests that no server may take, judged by the request as it is sent and by the contract alone.

const JSON_TYPE = /^application\/json(?:\s*;\s*charset=(?:utf-8|"utf-8"))?$/i;

/**
 * Why a request may not be taken, whatever else is right with it; undefined when that cannot be judged.
 * @param {{ headers: [string, string][], bytes: Buffer, onWire?: unknown }} draft
 */
export function whyRefused({ headers, bytes, onWire }) {
  // What is changed on the wire may have lost the fault.
  if (bytes.length === 0 || onWire) return undefined;
  const values = (wanted) =>
    headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value.trim());
  const types = values('content-type');
  if (types.length !== 1 || !JSON_TYPE.test(types[0]))
    return `a body of the types [${types.join(' and ')}]`;
  if (values('content-encoding').some((coding) => coding !== 'identity')) return 'a coded body';
  // No fault names the right one.
  return values('content-digest').length > 0 ? 'a body of another digest' : undefined;
}
