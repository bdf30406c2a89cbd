// Builds the signature base (RFC 9421 §2.5): a line for each component, and the parameters last.

/** The parts of a request that can be signed. `target` is the path and query as sent. */
export interface SignableRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Returns `undefined` when the request lacks one of the components, or a component is not
 * supported.
 */
export function signatureBase(
  request: SignableRequest,
  components: readonly string[],
  parameters: string,
): string | undefined {
  const lines: string[] = [];
  for (const component of components) {
    const value = valueOf(request, component);
    if (value === undefined) return undefined;
    lines.push(`"${component}": ${value}`);
  }
  return [...lines, `"@signature-params": ${parameters}`].join('\n');
}

/**
 * `@target-uri` and `@scheme` are missing, because behind a proxy that terminates TLS this process
 * cannot know them.
 */
function valueOf({ method, target, headers }: SignableRequest, component: string) {
  const [path = '', ...query] = target.split('?');
  switch (component) {
    case '@method':
      return method;
    case '@path':
      return path;
    case '@query':
      return `?${query.join('?')}`;
    case '@authority':
      return typeof headers['host'] === 'string' ? headers['host'].toLowerCase() : undefined;
    default:
      return component.startsWith('@') ? undefined : fieldValue(headers[component]);
  }
}

function fieldValue(value: string | string[] | undefined): string | undefined {
  return value === undefined ? undefined : [value].flat().join(', ').trim();
}
