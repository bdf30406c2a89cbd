// Callbacks that hold what the gateway should not send: a whole card number, and the merchant's private key, which it does send with
// each encrypted one (protocol §6.4); by the gateway, and by strangers who know no address.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encryptAes256 } from '@quittance/gateway-protocol';
import { callbackToken, parseKeySet } from '@quittance/vault';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** The fields of a callback, each of which that may hold a text holding the number. */
function told(payment, { number, cvv }) {
  return {
    transID: payment.gateway.trans_id,
    order_status: '1',
    bill_amt: '11.12',
    bill_currency: 'EUR',
    reference: payment.reference,
    ccno: number,
    cvv,
    status: `approved ${number}`,
    response: `the card ${number.replaceAll(/(\d{4})/g, '$1 ')} was taken`,
    descriptor: number,
    mop: number,
    [number]: number,
  };
}

/** Resolves with the HTTP statuses. */
export async function strayCallbacks(witness, card) {
  const reference = 'called-x';
  await witness.sandbox.acquirer({ match: { reference }, reply: '0', times: 1 });
  await witness.create(reference, card);
  await witness.settled(reference, 'requires_action');
  const payment = await witness.payment(reference);
  const fields = told(payment, card);
  const { publicKey, privateKey } = witness.stack.terminals.find(({ name }) => name === 'main');
  const data = encryptAes256(JSON.stringify(fields), { publicKey, privateKey });
  const envelope = { private_key: privateKey, public_key: publicKey, data };
  const address = `/callbacks/${addressOf(payment.id, witness.stack.setup.keyFolder)}`;
  const tries = [
    [address, { body: envelope }],
    [address, { body: { ...envelope, data: `AAAA${data.slice(4)}` } }],
    [address, { body: fields }],
    [address, { body: new URLSearchParams(fields).toString(), headers: FORM }],
    [address, { body: JSON.stringify({ ...envelope, ...fields }).slice(0, -1) }],
    [address, { body: { ...envelope, padding: JSON.stringify(envelope).repeat(200) } }],
    [`${address}?ccno=${card.number}`, { body: fields }],
    [`${address.slice(0, -1)}_`, { body: envelope }],
    [`/callbacks/${card.number}`, { body: fields }],
    [`/${card.number}`, { body: fields, headers: { 'user-agent': card.number } }],
  ];
  const statuses = [];
  for (const [path, options] of tries)
    statuses.push((await witness.ask('POST', path, { ...options, app: 'webhook' })).status);
  return statuses;
}

/** Only the worker and the webhook app can make it. */
function addressOf(paymentId, keyFolder) {
  const keys = parseKeySet(readFileSync(join(keyFolder, 'webhook.json'), 'utf8'));
  return `${paymentId}.${callbackToken(paymentId, keys).token}`;
}
