// What is wrong with a card beyond its single fields. The same rules wherever a card comes into sight: at intake, and in the
// worker for a card that its caller sealed.
import type { ReadCard } from './card.schema.js';

/** One fault, at a field of the card. The message never quotes the card. */
export interface CardFault {
  readonly path: 'number' | 'exp_year';
  readonly code: 'invalid_card_number' | 'card_expired';
  readonly message: string;
}

/** What a card is judged by besides itself. */
export interface CardJudgement {
  readonly now: Date;
  /** `undefined` where the terminal is not known: its rule is left out then. */
  readonly mode: 'test' | 'live' | undefined;
}

/** What is wrong with the sound fields of a card. */
export function cardFaults(
  { number, exp_month, exp_year }: Partial<ReadCard>,
  { now, mode }: CardJudgement,
): CardFault[] {
  const faults: CardFault[] = [];
  if (exp_month !== undefined && exp_year !== undefined && hasEnded(exp_month, exp_year, now))
    faults.push({ path: 'exp_year', code: 'card_expired', message: 'The card has expired.' });
  // On a test terminal every number goes to the gateway: some of its test cards fail Luhn, and a refusal is worth testing too.
  if (number && mode === 'live' && !number.passesLuhn)
    faults.push({
      path: 'number',
      code: 'invalid_card_number',
      message: 'Is not a card number.',
    });
  return faults;
}

/** A card is good until its last month has ended everywhere; the last time zone is twelve hours behind UTC. */
const LAST_TIME_ZONE_HOURS = 12;

function hasEnded(month: string, year: string, now: Date): boolean {
  // The month counts from 0 in Date.UTC, so the card's own month number is the following month.
  const end = Date.UTC(2000 + Number(year), Number(month), 1, LAST_TIME_ZONE_HOURS);
  return now.getTime() >= end;
}
