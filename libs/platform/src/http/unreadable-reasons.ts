// Why a request could not be read, for the errors of Node's parser and of Fastify that are all
// answered 400. Their own messages may quote the request, and are never shown.

const NO_HTTP = 'The bytes that came are no request of HTTP/1.1 (RFC 9112).';

const REASONS: Readonly<Record<string, string>> = {
  ECONNRESET: 'The connection ended before the request did.',
  FST_ERR_BAD_URL: 'The address has a percent escape that is no UTF-8 (RFC 3986 §2.1).',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body does not have the length that Content-Length says.',
  HPE_CLOSED_CONNECTION: 'More came after a request that was to be the last.',
  HPE_INVALID_CHUNK_SIZE: 'A chunk of the body does not begin with its length (RFC 9112 §7.1).',
  HPE_INVALID_CONSTANT: NO_HTTP,
  HPE_INVALID_CONTENT_LENGTH: 'Content-Length is not one whole number (RFC 9112 §6.2).',
  HPE_INVALID_EOF_STATE: 'The connection ended before the request did.',
  HPE_INVALID_HEADER_TOKEN: 'A header has a character that none may have (RFC 9110 §5).',
  HPE_INVALID_METHOD: 'The method is not one of HTTP.',
  HPE_INVALID_TRANSFER_ENCODING:
    'Transfer-Encoding may be chunked only, and not beside Content-Length.',
  HPE_INVALID_URL: 'The address has a character that must be percent-encoded (RFC 3986 §2).',
  HPE_INVALID_VERSION: 'The version is not HTTP/1.1.',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'Content-Length and Transfer-Encoding exclude one another.',
};

/** The reason in words for an error's code; `undefined` for a code that says nothing. */
export function unreadableReason(code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  return REASONS[code] ?? (code.startsWith('HPE_') ? NO_HTTP : undefined);
}
