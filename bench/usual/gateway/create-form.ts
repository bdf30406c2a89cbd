// The form of the gateway's encrypted create call (protocol §1, §2).
import type { CreatePaymentDto } from '../payments/create-payment.dto.js';
import { TerminalCipher, type TerminalKeys } from './cipher.js';

/** The terminal that payments go through. */
export type Terminal = TerminalKeys & { readonly number: number };

/** Makes the forms of a terminal's payments; each has its own address for callbacks. */
export function createForms(terminal: Terminal) {
  const cipher = new TerminalCipher(terminal);
  return (payment: CreatePaymentDto, webhookUrl: string): URLSearchParams => {
    const text = parameters(payment, terminal, webhookUrl).toString();
    return new URLSearchParams({
      encrypted_data: cipher.encrypt(text) + terminal.publicKey,
      unique_reference: 'Y',
      reference: payment.reference,
    });
  };
}

function parameters(payment: CreatePaymentDto, terminal: Terminal, webhookUrl: string) {
  const { card, customer } = payment;
  const { address } = customer;
  return new URLSearchParams({
    public_key: terminal.publicKey,
    terNO: String(terminal.number),
    'integration-type': 's2s',
    bill_amt: payment.amount,
    bill_currency: payment.currency,
    product_name: payment.product_name,
    reference: payment.reference,
    webhook_url: webhookUrl,
    return_url: payment.return_url,
    bill_ip: customer.ip,
    encryption_method: 'aes256',
    mop: payment.method,
    fullname: customer.name,
    bill_email: customer.email,
    bill_phone: customer.phone,
    bill_address: address.line1,
    bill_city: address.city,
    bill_state: address.state,
    bill_zip: address.postal_code,
    bill_country: address.country,
    ccno: card.number,
    ccvv: card.cvv,
    month: card.exp_month,
    year: card.exp_year,
  });
}
