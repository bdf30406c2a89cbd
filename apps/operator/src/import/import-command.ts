// Declares `quittance import <file>`. The code behind it is loaded when the command runs, because
// no other command calls the API.
import type { Command } from 'commander';
import { Output } from '../command/output.js';
import type { CliHost, CommonOptions } from '../open-operator.js';
import type { ImportOptions } from './import-payments.js';

const HELP = `
The API key is read from QUITTANCE_API_KEY. Columns are named by the fields of a payment:
reference, terminal, amount, currency, product_name, method, return_url, card.number, card.cvv,
card.exp_month, card.exp_year, customer.name, metadata.<name>. Cards are encrypted before they are sent.
The same command continues an import that broke off.`;

/** Adds the command. It calls the API with a merchant's key and needs no database. */
export function addImportCommand(program: Command, host: CliHost): void {
  program
    .command('import <file>')
    .description('create a payment for each row of a CSV file, over the API')
    .option('--url <url>', 'address of the API; default QUITTANCE_URL')
    .option('--batch <id>', 'batch to continue; default: named by the content of the file')
    .option('--report <file>', 'report of the refused rows; default <file>.refused.csv')
    .option('--signing-key <file>', 'private key (PEM), for an API key that signs')
    .option('--key-id <id>', 'id of that API key, key_…')
    .addHelpText('after', HELP)
    .action(async (file: string, options: ImportOptions) => {
      const { importFile } = await import('./import-payments.js');
      const output = new Output(host, program.opts<CommonOptions>().json === true);
      await importFile({ cli: host, output }, file, options);
    });
}
