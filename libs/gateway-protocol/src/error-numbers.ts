// The gateway's structured errors (protocol §3.2). Each says if the transaction had been stored
// when the error was raised, because only "no" means that nothing can have been charged.

/**
 * The state of the transaction after the error. `no`: it does not exist. `earlier`: one with this
 * reference existed already. `maybe`: the error can come from before or after the row was saved.
 */
export type StoredFact = 'no' | 'earlier' | 'maybe';

interface ErrorNumberRow {
  /** The text of `error_number` on the wire; the reply is always HTTP 400. */
  readonly number: string;
  readonly meaning: string;
  readonly stored: StoredFact;
  /** The oldest server generation that raises it. */
  readonly since: 'a' | 'b';
}

/** The error numbers of the create call (protocol §3.2). Others are unknown and prove nothing. */
export const errorNumbers = [
  { number: '1111', meaning: 'bill_amt is missing', stored: 'no', since: 'a' },
  { number: '1112', meaning: 'bill_amt is not positive', stored: 'no', since: 'a' },
  { number: '1113', meaning: 'the card number fails Luhn or length', stored: 'no', since: 'a' },
  { number: '5001', meaning: 'the payload cannot be decrypted', stored: 'no', since: 'b' },
  { number: '5002', meaning: 'the card look-up failed', stored: 'no', since: 'b' },
  { number: '5003', meaning: 'the currency conversion failed', stored: 'no', since: 'a' },
  { number: '5005', meaning: 'a rule demanded a failing conversion', stored: 'no', since: 'b' },
  { number: '5007', meaning: 'an orchestration rule failed', stored: 'no', since: 'b' },
  { number: '5008', meaning: 'a volume or regulatory rule failed', stored: 'no', since: 'b' },
  { number: '5012', meaning: 'the reference exists already', stored: 'earlier', since: 'b' },
  { number: '5015', meaning: 'the terminal has no acquirer', stored: 'no', since: 'b' },
  { number: '500', meaning: 'catch-all', stored: 'maybe', since: 'a' },
] as const satisfies readonly ErrorNumberRow[];

/** An error number of the table. */
export type ErrorNumber = (typeof errorNumbers)[number]['number'];

/** One row of the table of protocol §3.2. */
export type ErrorNumberFacts = ErrorNumberRow & { readonly number: ErrorNumber };

const byNumber: ReadonlyMap<string, ErrorNumberFacts> = new Map(
  errorNumbers.map((row) => [row.number, row]),
);

/** Returns the row of an error number; undefined for one that is not in the table. */
export function findErrorNumber(number: string): ErrorNumberFacts | undefined {
  return byNumber.get(number);
}
