// Reasons for a request that could not be parsed, by the error codes of Node's parser and Fastify
// that all give a 400. Their own messages may quote the request and are never shown.

const NO_HTTP = 'The bytes are not an HTTP/1.1 request (RFC 9112).';

const REASONS: Readonly<Record<string, string>> = {
  ECONNRESET: 'The connection ended before the request did.',
  FST_ERR_BAD_URL: 'The address has a percent escape that is not UTF-8 (RFC 3986 §2.1).',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The length of the body differs from Content-Length.',
  HPE_CLOSED_CONNECTION: 'More bytes followed the last request of the connection.',
  HPE_INVALID_CHUNK_SIZE: 'A chunk of the body does not begin with its length (RFC 9112 §7.1).',
  HPE_INVALID_CONSTANT: NO_HTTP,
  HPE_INVALID_CONTENT_LENGTH: 'Content-Length is not one whole number (RFC 9112 §6.2).',
  HPE_INVALID_EOF_STATE: 'The connection ended before the request did.',
  HPE_INVALID_HEADER_TOKEN: 'A header has an invalid character (RFC 9110 §5).',
  HPE_INVALID_METHOD: 'The method is not an HTTP method.',
  HPE_INVALID_TRANSFER_ENCODING: 'Transfer-Encoding must be chunked, and excludes Content-Length.',
  HPE_INVALID_URL: 'The address has a character that must be percent-encoded (RFC 3986 §2).',
  HPE_INVALID_VERSION: 'The version is not HTTP/1.1.',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'Content-Length and Transfer-Encoding exclude each other.',
};

/** Returns the reason for an error's code; `undefined` for a code without one. */
export function unreadableReason(code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  return REASONS[code] ?? (code.startsWith('HPE_') ? NO_HTTP : undefined);
}
