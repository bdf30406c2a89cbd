// The contract of the create request. Rules about a single field are here; rules across fields, the
// terminal or the date are in payment-rules.ts. The OpenAPI document is generated from this schema.
import { cardSchema } from '@quittance/cards';
import { currencyExponent, paymentMethods } from '@quittance/payments';
import { canonicalAddress, parseUrl } from '@quittance/platform';
import { z } from 'zod';
import { optional } from '../requests/optional-member.js';

/**
 * Control characters and lone surrogates: unprintable, and neither the gateway nor Postgres accepts
 * them.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** No pattern, because validators of JSON Schema disagree on the flag `u`, which it needs. */
function printable(text: z.ZodString) {
  return text.refine((value) => !UNPRINTABLE.test(value), {
    params: { code: 'control_character' },
    error: 'Must not contain control characters.',
  });
}

/** One line of text for a person. A blank text is rejected. */
export function line(longest: number) {
  const text = z
    .string()
    .min(1, 'Must not be empty.')
    .max(longest, `Must be at most ${longest} characters long.`);
  return printable(text).refine((value) => value === '' || value.trim() !== '', {
    params: { code: 'blank' },
    error: 'Must not be blank.',
  });
}

/** A length that every browser can open, with room for the parameters that the gateway appends. */
const URL_LENGTH_MAX = 2_000;

/**
 * Output in the URL parser's spelling, so that the gateway and the payer's browser read the URL
 * that was checked.
 */
const webAddress = line(URL_LENGTH_MAX)
  .transform((text, context) => {
    const address = webAddressOf(text);
    if (typeof address === 'string' && address.length <= URL_LENGTH_MAX) return address;
    context.addIssue({
      code: 'custom',
      input: text,
      ...(address === undefined ? NO_URL : TOO_LONG),
    });
    return z.NEVER;
  })
  .meta({ format: 'uri', examples: ['https://shop.example/return'] });

const NO_URL = {
  params: { code: 'invalid_url' },
  message: 'Must be an absolute http or https URL without user name and password.',
};
const TOO_LONG = {
  params: { code: 'too_big' },
  message: `Must be at most ${URL_LENGTH_MAX} characters long once it is percent-encoded.`,
};

function webAddressOf(text: string): string | undefined {
  const url = parseUrl(text);
  if (!url) return undefined;
  const { protocol, username, password, href } = url;
  const isWeb = protocol === 'https:' || protocol === 'http:';
  return isWeb && username === '' && password === '' ? href : undefined;
}

export const addressSchema = z.strictObject({
  line1: optional(line(200)),
  city: optional(line(100)),
  state: optional(line(100)),
  postal_code: optional(line(20)),
  country: optional(
    z.string().regex(/^[A-Z]{2}$/, 'Must be an ISO 3166-1 code of two capital letters.'),
  ),
});

export const customerSchema = z
  .strictObject({
    name: optional(line(100)),
    // Not z.email(): the gateway and the mail server know better which addresses exist.
    email: optional(line(254).regex(/^[^\s@]+@[^\s@]+$/, 'Must be an e-mail address.')),
    phone: optional(line(32)),
    ip: optional(
      z
        .union([z.ipv4(), z.ipv6()], 'Must be an IPv4 or IPv6 address.')
        // The gateway's block lists know one spelling: `::ffff:203.0.113.7` must be sent as
        // `203.0.113.7`.
        .transform((address) => canonicalAddress(address) ?? address),
    ).meta({
      description: "The payer's address. Default: the address that the request came from.",
    }),
    address: optional(addressSchema),
  })
  .meta({ description: 'The payer, as far as known.' });

const METADATA_ENTRIES_MAX = 20;

function withoutNulls(entries: Record<string, string | null>): Record<string, string> {
  const texts = Object.entries(entries).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return Object.fromEntries(texts);
}

export const metadataSchema = z
  .record(line(40), printable(z.string().max(500)).nullable())
  .refine((entries) => Object.keys(entries).length <= METADATA_ENTRIES_MAX, {
    params: { code: 'too_big' },
    error: `Must have at most ${METADATA_ENTRIES_MAX} entries.`,
  })
  .transform(withoutNulls)
  .meta({
    description: 'Your own notes, returned unchanged. Ignored when a repeated request is compared.',
    examples: [{ cart: 'c-77' }],
  });

// The gateway interprets a reference without a letter as one of its own ids (protocol §12.11).
const identifier = z
  .string()
  .regex(
    /^(?=.*[A-Za-z])[A-Za-z0-9._-]{1,64}$/,
    'Must be 1 to 64 of A-Z a-z 0-9 . _ - with at least one letter.',
  );

export const createPaymentSchema = z.strictObject({
  reference: identifier.meta({
    description:
      'Your unique id of this try to pay, and the idempotency key: one payment per reference.',
    examples: ['ORD-1001'],
  }),
  order_id: optional(identifier).meta({
    description:
      'Your order, which several payments may try to pay: after a decline, send another card under another reference with the same `order_id`.',
    examples: ['ORD-1001'],
  }),
  terminal: line(64).meta({
    description: 'The name of one of your terminals.',
    examples: ['main'],
  }),
  amount: z
    .string()
    .regex(/^\d{1,20}(\.\d{1,10})?$/, 'Must be a plain decimal such as "11.11".')
    .meta({
      description: 'In major units, with at most the decimals of the currency.',
      examples: ['11.11'],
    }),
  currency: z
    .string()
    .refine((code) => currencyExponent(code) !== undefined, {
      params: { code: 'unknown_currency' },
      error: 'Must be an ISO 4217 code in capital letters.',
    })
    .meta({ description: 'ISO 4217.', pattern: '^[A-Z]{3}$', examples: ['EUR'] }),
  product_name: line(200).meta({ examples: ['Two tickets'] }),
  method: z.enum(paymentMethods).meta({ examples: ['CC'] }),
  card: optional(cardSchema),
  card_jwe: optional(z.string()).meta({
    description: [
      'Instead of `card`: the same object, sealed by you as a compact JWE (ECDH-ES on X25519, A256GCM) to the key at',
      '/.well-known/jwks.json. `sub` in its header binds it to one `reference`. Its content is validated when the payment is submitted:',
      'an invalid one ends as `failed` with `card_unreadable` or `card_invalid`.',
    ].join(' '),
  }),
  customer: optional(customerSchema),
  return_url: webAddress
    // The gateway appends its parameters at the end of the URL, where a fragment would take them.
    .refine((address) => !address.includes('#'), {
      params: { code: 'invalid_url' },
      error: 'Must not have a fragment.',
    })
    .meta({
      description:
        'The page to which the gateway sends the payer at the end, by POST or GET, with unsigned fields in the query.',
    }),
  return_page: optional(z.boolean('Must be true or false.')).meta({
    description:
      'True to let the payer come back through Quittance: the browser arrives at `return_url` by GET, with `payment_intent` and `status_token`, the signed status, in the query. Default false.',
  }),
  source_url: optional(webAddress).meta({ description: 'The page on which the payment began.' }),
  metadata: optional(metadataSchema),
});

/** A request whose fields are each valid by themselves. */
export type CreatePayment = z.infer<typeof createPaymentSchema>;
