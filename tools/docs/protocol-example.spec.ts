// Goal: the program in docs/protocol.md that encrypts for the gateway runs as it is printed, prints
// the printed output, and agrees with the code of libs/gateway-protocol. Method: Node runs it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { encryptAes256 } from '@quittance/gateway-protocol';
import { PUBLISHED_TERMINAL } from '../../apps/sandbox/src/transactions/published-terminal.js';
import { ENCRYPTED_PAGE } from '../../test/support/published-pages.js';

const text = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/protocol.md'), 'utf8');
const [, example = ''] = text.split('### 2.7 An example\n');
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(example)?.[1] ?? '';

it('prints the body of a request and a decrypted webhook', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', block('js')], {
    encoding: 'utf8',
  });
  expect(output).toBe(block('text'));
  const [body = '', webhook] = output.trimEnd().split('\n');
  const sent = new URLSearchParams(body).get('encrypted_data');
  const ciphertext = encryptAes256(ENCRYPTED_PAGE.plaintext, PUBLISHED_TERMINAL);
  expect(sent).toBe(ciphertext + PUBLISHED_TERMINAL.publicKey);
  expect(webhook).toBe(ENCRYPTED_PAGE.webhook);
});
