// `terminals add`: adds a terminal. The private key is encrypted here, and only the processes that
// talk to the gateway can decrypt it.
import { isUniqueViolation } from '@quittance/persistence';
import { newId } from '@quittance/platform';
import { sealedKids, sealSecret } from '@quittance/vault';
import { type Command, Option } from 'commander';
import { act, OperatorError } from '@quittance/operations';
import { findMerchant } from '../merchants/merchants.js';
import type { Operator } from '../command/operator.js';
import { parseDuration } from '../command/times.js';
import { holdKey } from '../key-rotation/rotation-lock.js';
import { privateKeyOf } from './private-key.js';
import {
  checkTerminalOptions,
  INQUIRIES,
  modelInquiry,
  parseTerminalNumber,
  storedInquiry,
  type TerminalOptions,
} from './terminal-options.js';

/** Declares the options of `terminals add`. */
export function declareAdd(command: Command): Command {
  return command
    .description('add a terminal; prints its id')
    .requiredOption('--merchant <name>', 'the merchant that owns it')
    .requiredOption('--name <name>', 'its name in payment requests')
    .requiredOption('--base-url <url>', 'the gateway’s address, e.g. http://127.0.0.1:9003')
    .requiredOption('--number <terNO>', 'its number at the gateway', parseTerminalNumber)
    .requiredOption('--public-key <key>', 'as the gateway issued it')
    .option(
      '--private-key <key>',
      'as the gateway issued it; "-" reads stdin, and the default is TERMINAL_PRIVATE_KEY',
    )
    .addOption(
      new Option('--protocol <protocol>', 'the protocol of requests')
        .choices(['encrypted', 'plain'])
        .default('encrypted'),
    )
    .addOption(
      new Option('--callbacks <encryption>', 'the encryption of callbacks')
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
      new Option('--inquiry <strategy>', 'the gateway’s way to look up a payment')
        .choices(INQUIRIES)
        .default('trans-id'),
    )
    .option(
      '--absent-after <duration>',
      'e.g. 6h: a payment that the probe does not find for that long becomes failed, never_arrived (default: never)',
      parseDuration,
    );
}

export async function addTerminal(operator: Operator, options: TerminalOptions): Promise<void> {
  checkTerminalOptions(options);
  const keys = operator.keys();
  const privateKey = await privateKeyOf(operator, options.privateKey);
  const merchant = await findMerchant(operator, options.merchant);
  const id = newId('ter');
  try {
    const sealed = await sealSecret(privateKey, { terminalId: id, keys });
    await act(operator, {}, async ({ tx, at, audit }) => {
      for (const kid of sealedKids(sealed)) await holdKey(tx, kid);
      await tx.terminal.create({
        data: {
          ...modelOf(options),
          id,
          merchantId: merchant.id,
          sealedPrivateKey: sealed,
          createdAt: at,
        },
        select: { id: true },
      });
      audit({
        action: 'terminals add',
        subject: { kind: 'terminal', id },
        before: null,
        after: { merchant: options.merchant, ...auditedTerminal(options) },
      });
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new OperatorError(`"${options.merchant}" already has a terminal "${options.name}".`);
  }
  operator.output.result(id, { id, merchant: options.merchant, name: options.name });
}

/** Returns the options in the terms of Prisma's model. */
function modelOf(options: TerminalOptions) {
  const { name, number, publicKey, protocol, mode, lane } = options;
  return {
    name,
    baseUrl: storedUrl(options.baseUrl),
    number,
    publicKey,
    protocol,
    callbackEncryption: options.callbacks,
    mode,
    lane,
    inquiry: modelInquiry(options.inquiry),
    absentAfterMs: options.absentAfter ?? null,
  };
}

/** Returns the options for the audit, in the database's terms and without a key. */
function auditedTerminal(options: TerminalOptions) {
  const { name, baseUrl, number, protocol, callbackEncryption, mode, lane, absentAfterMs } =
    modelOf(options);
  return {
    name,
    base_url: baseUrl,
    number,
    protocol,
    callback_encryption: callbackEncryption,
    mode,
    lane,
    inquiry: storedInquiry(options.inquiry),
    absent_after_ms: absentAfterMs,
  };
}

/**
 * Returns the URL in its parsed form, so that each gateway has one spelling. A trailing slash would
 * appear twice in every address.
 */
function storedUrl(baseUrl: string): string {
  return new URL(baseUrl).href.replace(/\/+$/, '');
}
