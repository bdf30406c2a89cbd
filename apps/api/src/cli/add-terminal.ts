// `terminals add`: the private key is sealed here and readable only to the processes that talk to the gateway.
import { newId } from '@quittance/platform';
import { sealSecret } from '@quittance/vault';
import { merchantNamed } from './merchants.js';
import type { Operator } from './operator.js';
import { OperatorError } from './operator-error.js';
import { isTaken } from './prisma-errors.js';
import { checkTerminalOptions, type TerminalOptions } from './terminal-options.js';

const STDIN = '-';

export async function addTerminal(operator: Operator, options: TerminalOptions): Promise<void> {
  checkTerminalOptions(options);
  const keys = operator.keys();
  const privateKey = await privateKeyOf(operator, options);
  const merchant = await merchantNamed(operator, options.merchant);
  const id = newId('ter');
  try {
    await operator.prisma.terminal.create({
      data: {
        id,
        merchantId: merchant.id,
        name: options.name,
        // A slash at the end would double in every address made from it.
        baseUrl: options.baseUrl.replace(/\/+$/, ''),
        number: options.number,
        publicKey: options.publicKey,
        sealedPrivateKey: await sealSecret(privateKey, { terminalId: id, keys }),
        protocol: options.protocol,
        callbackEncryption: options.callbacks,
        mode: options.mode,
        lane: options.lane,
        inquiry: options.inquiry === 'trans-id' ? 'transId' : options.inquiry,
        confirmPlainSuccess: options.confirmPlainSuccess,
        createdAt: operator.clock.now(),
      },
    });
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new OperatorError(`"${options.merchant}" has a terminal "${options.name}" already.`);
  }
  operator.print(id);
}

async function privateKeyOf(
  { stdin, handedKey }: Operator,
  { privateKey = handedKey?.reveal() }: TerminalOptions,
): Promise<string> {
  if (privateKey === undefined) {
    throw new OperatorError('Give the private key with --private-key or TERMINAL_PRIVATE_KEY.');
  }
  const key = privateKey === STDIN ? (await stdin()).trim() : privateKey;
  if (/^[\x21-\x7e]{1,512}$/.test(key)) return key;
  throw new OperatorError('The private key is one word of printable characters.');
}
