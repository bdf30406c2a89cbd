// Goal: the app sends the gateway the same bytes as the other contestants. Method: its own wire
// code is compared with Quittance's, by which they encode.
import { decryptAes256, encryptAes256 } from '@quittance/gateway-protocol';
import fc from 'fast-check';
import { createCall, paymentRequest } from '../../load/payment.js';
import { terminal } from '../../load/terminal.fixture.js';
import { TerminalCipher } from './cipher.js';
import { createForms } from './create-form.js';

it('makes the body of the other contestants, byte for byte', () => {
  const formOf = createForms(terminal);
  fc.assert(
    fc.property(
      fc.record({ reference: fc.string({ minLength: 1 }), name: fc.string({ minLength: 1 }) }),
      ({ reference, name }) => {
        const request = paymentRequest(reference);
        const payment = { ...request, customer: { ...request.customer, name } };
        const webhookUrl = `http://127.0.0.1:3001/callbacks/1`;
        const { body } = createCall(payment, terminal, webhookUrl);
        expect(formOf(payment, webhookUrl).toString()).toBe(body);
      },
    ),
  );
});

it('encrypts and decrypts as the gateway does', () => {
  const cipher = new TerminalCipher(terminal);
  const texts = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(texts, (text) => {
      const encrypted = cipher.encrypt(text);
      expect(encrypted).toBe(encryptAes256(text, terminal));
      expect(cipher.decrypt(encrypted)).toBe(decryptAes256(encrypted, terminal));
    }),
  );
});
