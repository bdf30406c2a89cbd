// Goal: Quittance reads the replies and the webhook of the published reference pages as they are
// printed.
import { decodeCallback, encryptAes256 } from '@quittance/gateway-protocol';
import { ENCRYPTED_PAGE, SIMPLE_PAGE } from '../../../test/support/published-pages.js';
import { interpretReply } from './interpret-reply.js';

it.each([
  ['simple', SIMPLE_PAGE.reply, '120.0', '543889XXXXXX0229'],
  ['encrypted', ENCRYPTED_PAGE.reply, '11.11', null],
])('the reply of the %s page waits for the payer', (_page, body, amount, maskedCard) => {
  const { authurl } = JSON.parse(body) as { authurl: string };
  expect(interpretReply({ kind: 'replied', httpStatus: 200, body }, { number: 42 })).toEqual({
    kind: 'reported',
    report: {
      transId: '100135250426141606',
      state: 'pending',
      orderStatus: '0',
      reference: '22DEVJAVA250415',
      amount: String(Number(amount)),
      currency: 'EUR',
      response: 'Payment is pending',
      authUrl: authurl,
      maskedCard,
      isOtherTerminal: false,
      unreadable: [],
    },
  });
});

it('the webhook of the encrypted page is read field by field', () => {
  const keys = { publicKey: 'a public key', privateKey: 'a private key' };
  const data = encryptAes256(ENCRYPTED_PAGE.webhook, keys);
  expect(decodeCallback('application/json', JSON.stringify({ data }), keys)).toMatchObject({
    kind: 'callback',
    encrypted: true,
    fields: Object.fromEntries(new URLSearchParams(ENCRYPTED_PAGE.webhook)),
  });
});
