// `terminals add`: the private key is sealed here and readable only to the processes that talk to the gateway.
import { newId } from '@quittance/platform';
import { sealSecret } from '@quittance/vault';
import { type Command, Option } from 'commander';
import { merchantNamed } from './merchants.js';
import type { Operator } from './operator.js';
import { OperatorError } from './operator-error.js';
import { isTaken } from './prisma-errors.js';
import { parseDuration } from './duration.js';
import {
  checkTerminalOptions,
  INQUIRIES,
  parseTerminalNumber,
  storedInquiry,
  type TerminalOptions,
} from './terminal-options.js';

const STDIN = '-';

/** The options of `terminals add`. */
export function declareAdd(command: Command): Command {
  return command
    .description('add a terminal; prints its id')
    .requiredOption('--merchant <name>', 'whose terminal it is')
    .requiredOption('--name <name>', "the merchant's name for it, as in payment requests")
    .requiredOption('--base-url <url>', 'where the gateway is, e.g. http://127.0.0.1:9003')
    .requiredOption('--number <terNO>', 'its number at the gateway', parseTerminalNumber)
    .requiredOption('--public-key <key>', 'as the gateway issued it')
    .option(
      '--private-key <key>',
      'as the gateway issued it; "-" reads it from stdin, and without it TERMINAL_PRIVATE_KEY is taken',
    )
    .addOption(
      new Option('--protocol <protocol>', 'how requests are sent')
        .choices(['encrypted', 'plain'])
        .default('encrypted'),
    )
    .addOption(
      new Option('--callbacks <encryption>', 'how the gateway is asked to call back')
        .choices(['aes256', 'none'])
        .default('aes256'),
    )
    .addOption(
      new Option('--mode <mode>', 'whether it moves real money')
        .choices(['test', 'live'])
        .makeOptionMandatory(),
    )
    .option('--lane <lane>', 'submission queue, with its own rate and pause', 'default')
    .addOption(
      new Option('--inquiry <strategy>', 'what the gateway can be asked by')
        .choices(INQUIRIES)
        .default('trans-id'),
    )
    .option(
      '--absent-after <duration>',
      'e.g. 6h: a payment the probe keeps not finding becomes failed, never_arrived (default: never)',
      parseDuration,
    )
    .option(
      '--no-confirm-plain-success',
      "believe a plain callback's success without asking the gateway",
    );
}

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
        inquiry: storedInquiry(options.inquiry),
        absentAfterMs: options.absentAfter === undefined ? null : BigInt(options.absentAfter),
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
