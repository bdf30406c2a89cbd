// Renders the payer's three pages: the test OTP page (protocol §5.4), the bank's page for every
// other pending payment, and the return_url page of the demo.
import type { Transaction } from '../transactions/transaction.js';
import { maskedCard } from '../transactions/transaction-view.js';
import type { Parameters } from '@quittance/gateway-protocol';
import { escapeHtml, renderPage, type Detail } from './page.js';

/**
 * Only the page's script compares the code; the server ignores the field, like the gateway (§5.4).
 */
const TEST_OTP = '123456';

/**
 * Returns the OTP page, which posts `otp` and `test_auth=approved|declined` to the updating status
 * endpoint.
 */
export function otpPage(transaction: Transaction): string {
  return renderPage({
    title: 'Confirm your payment',
    lead: 'Your bank asks for the one-time code it sent you.',
    details: detailsOf(transaction),
    action: `<form method="post" action="/api/status/transid/${transaction.transId}">
<label for="otp">One-time code</label>
<p class="hint" id="otp-hint">The test code is ${TEST_OTP}.</p>
<input id="otp" name="otp" inputmode="numeric" autocomplete="one-time-code" maxlength="6" aria-describedby="otp-hint otp-error" autofocus>
<p class="error" id="otp-error" role="alert"></p>
<div class="choices">
<button name="test_auth" value="approved">Approve payment</button>
<button class="secondary" name="test_auth" value="declined">Decline payment</button>
</div>
</form>
<script>
document.querySelector('form').addEventListener('submit', (event) => {
  const otp = document.getElementById('otp');
  if (event.submitter?.value === 'declined' || otp.value.trim() === '${TEST_OTP}') return;
  event.preventDefault();
  otp.setAttribute('aria-invalid', 'true');
  document.getElementById('otp-error').textContent = 'This code is not right. The test code is ${TEST_OTP}.';
  otp.focus();
});
</script>`,
  });
}

/**
 * Returns the bank's page, which posts `decision=approved|declined|cancelled` to the bank; the bank
 * sends the payer back to the gateway.
 */
export function bankPage(transaction: Transaction): string {
  return renderPage({
    title: 'Pay with your bank',
    lead: 'This page stands for the bank or wallet that the payer would see.',
    details: detailsOf(transaction),
    action: `<form method="post" action="/sandbox/bank/${transaction.transId}">
<div class="choices">
<button name="decision" value="approved">Pay</button>
<button class="secondary" name="decision" value="declined">Decline</button>
<button class="secondary" name="decision" value="cancelled">Cancel and go back</button>
</div>
</form>`,
  });
}

/** Returns a page with the fields that a return_url received, by query and by body. */
export function returnPage(received: Parameters, method: string): string {
  return renderPage({
    title: 'Back at the shop',
    lead: `The payer came back by ${method} with these fields. They are unsigned: a hint, not a result.`,
    details: [...received],
    action: received.size === 0 ? `<p>${escapeHtml('Nothing was sent along.')}</p>` : '',
  });
}

function detailsOf({ amount, currency, productName, card, reference, mop }: Transaction): Detail[] {
  return [
    ['Amount', `${amount.toFixed(2)} ${currency ?? ''}`.trim()],
    ['For', productName ?? 'unnamed product'],
    card ? ['Card', maskedCard(card, 'sixAndFour')] : ['Method', mop ?? 'unnamed'],
    ['Order', reference ?? 'without a reference'],
  ];
}
