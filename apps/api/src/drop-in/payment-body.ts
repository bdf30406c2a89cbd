// Translates the parameters of the gateway's create call into the body of
// `POST /v1/payment-intents`, and the fields of its faults back (protocol §1.2).
import { decimalText, type Parameters, parseDecimal } from '@quittance/gateway-protocol';
import type { Webhook } from '@quittance/payments';
import { type FaultEntry, parseUrl } from '@quittance/platform';
import type { DropIn } from '@quittance/persistence';
import { containsCardOf } from '../intake/stray-card.js';

/** A request in the terms of the intake. */
export interface TranslatedRequest {
  /** As `POST /v1/payment-intents` takes it; not validated yet. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly webhook: Webhook | undefined;
  /** The faults of parameters that have no field in the body, by the gateway's names. */
  readonly faults: readonly FaultEntry[];
}

/** The gateway's name of each field of the body, by the path that a fault has. */
const NAMES: Readonly<Record<string, string>> = {
  reference: 'reference',
  amount: 'bill_amt',
  currency: 'bill_currency',
  product_name: 'product_name',
  method: 'mop',
  card: 'ccno',
  'card.number': 'ccno',
  'card.cvv': 'ccvv',
  'card.exp_month': 'month',
  'card.exp_year': 'year',
  customer: 'fullname',
  'customer.name': 'fullname',
  'customer.email': 'bill_email',
  'customer.phone': 'bill_phone',
  'customer.ip': 'bill_ip',
  'customer.address.line1': 'bill_address',
  'customer.address.city': 'bill_city',
  'customer.address.state': 'bill_state',
  'customer.address.postal_code': 'bill_zip',
  'customer.address.country': 'bill_country',
  return_url: 'return_url',
  source_url: 'source_url',
};

/** Returns the gateway's name of the field at a path of the body. */
export function gatewayName(path: string): string {
  return NAMES[path] ?? path;
}

/** Parameters that switch the gateway's debugging on or choose its acquirer. */
const NEVER_SENT = ['connector_id', 'jqp', 'vqp'];

/** Translates the parameters of a request to `dropIn`. An empty value counts as absent. */
export function translate(parameters: Parameters, dropIn: DropIn): TranslatedRequest {
  const given = (name: string) => parameters.get(name) || undefined;
  const body = withoutAbsent({
    reference: given('reference'),
    terminal: dropIn.terminalName,
    amount: plainAmount(given('bill_amt') ?? ''),
    currency: given('bill_currency'),
    product_name: given('product_name'),
    method: given('mop'),
    card: cardOf(given),
    customer: withoutAbsent({
      name: given('fullname'),
      email: given('bill_email'),
      phone: given('bill_phone'),
      ip: given('bill_ip'),
      address: withoutAbsent({
        line1: given('bill_address'),
        city: given('bill_city'),
        state: given('bill_state'),
        postal_code: given('bill_zip'),
        country: given('bill_country'),
      }),
    }),
    return_url: given('return_url'),
    source_url: given('source_url'),
  });
  const url = given('webhook_url');
  const webhook = url === undefined ? undefined : webhookAt(url, { body, dropIn });
  const faults = [
    ...NEVER_SENT.flatMap((name) => (given(name) === undefined ? [] : [notAllowed(name)])),
    ...integrationFaults(given),
    ...(typeof webhook === 'string' ? [WEBHOOK_FAULTS[webhook]] : []),
  ];
  if (typeof webhook !== 'object') return { body, webhook: undefined, faults };
  const encryption = given('encryption_method') === 'aes256' ? 'aes256' : 'none';
  return { body, webhook: { url: webhook.href, encryption }, faults };
}

type Given = (name: string) => string | undefined;

/**
 * Returns the amount as a plain decimal. The gateway reads it as a Java double (protocol §1.2); a
 * text that is none is passed on, for the intake to refuse.
 */
function plainAmount(text: string): string {
  const decimal = parseDecimal(text.trim());
  return decimal === undefined ? text : decimalText(decimal);
}

function cardOf(given: Given) {
  const number = given('ccno');
  if (number === undefined) return undefined;
  const month = given('month');
  return withoutAbsent({
    number: number.replaceAll(/[ -]/g, ''),
    cvv: given('ccvv'),
    exp_month: month?.length === 1 ? `0${month}` : month,
    exp_year: given('year'),
  });
}

/** Returns the members that are present, or `undefined` if none is. */
function withoutAbsent(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && !isEmpty(value)),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** `checkout-s2s` asks for another reply (protocol §4.3), which only the gateway can give. */
function integrationFaults(given: Given): FaultEntry[] {
  return ['integration-type', 'integration_type'].flatMap((name) =>
    [undefined, 's2s'].includes(given(name))
      ? []
      : [{ path: name, code: 'not_allowed', message: 'Must be s2s.' }],
  );
}

function notAllowed(name: string): FaultEntry {
  return { path: name, code: 'not_allowed', message: 'Is not accepted.' };
}

type WebhookFault = 'invalid_url' | 'not_allowed' | 'card_number';

const WEBHOOK_FAULTS: Readonly<Record<WebhookFault, FaultEntry>> = {
  invalid_url: {
    path: 'webhook_url',
    code: 'invalid_url',
    message:
      'Must be an absolute http or https URL without user name and password, of at most 2000 characters.',
  },
  not_allowed: {
    path: 'webhook_url',
    code: 'not_allowed',
    message: 'Its origin is not one to which the operator lets callbacks be forwarded.',
  },
  card_number: {
    path: 'webhook_url',
    code: 'card_number',
    message: 'Holds a card number, which is allowed in ccno only.',
  },
};

const URL_LENGTH_MAX = 2_000;

function webhookAt(
  text: string,
  { body, dropIn }: { readonly body: object; readonly dropIn: DropIn },
): URL | WebhookFault {
  if (containsCardOf(body, text)) return 'card_number';
  const url = parseUrl(text);
  if (!url) return 'invalid_url';
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  if (!isWeb || url.username !== '' || url.password !== '' || url.href.length > URL_LENGTH_MAX)
    return 'invalid_url';
  return dropIn.callbackOrigins.includes(url.origin) ? url : 'not_allowed';
}
