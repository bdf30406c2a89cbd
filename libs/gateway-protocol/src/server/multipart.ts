// Parses the text fields of a multipart form. The gateway accepts no files, so each part is a name
// and a text.

const BOUNDARY_PARAMETER = /boundary=(?:"([^"]+)"|([^;\s]+))/i;
const FIELD_NAME = /[;\s]name="([^"]*)"/i;

/** Returns the fields in their order; parts without a name are omitted (protocol §1.1). */
export function parseMultipartFields(body: string, contentType: string): [string, string][] {
  const match = BOUNDARY_PARAMETER.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) return [];
  const fields: [string, string][] = [];
  for (const part of `\r\n${body}`.split(`\r\n--${boundary}`).slice(1)) {
    const headEnd = part.indexOf('\r\n\r\n');
    if (part.startsWith('--') || headEnd === -1) continue;
    const name = FIELD_NAME.exec(part.slice(0, headEnd))?.[1];
    if (name !== undefined) fields.push([name, part.slice(headEnd + 4)]);
  }
  return fields;
}
