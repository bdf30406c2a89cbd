import {
  doubtReasons,
  failureCodes,
  listed,
  refusalCodes,
  refundFailureCodes,
  refundRefusalCodes,
} from './reasons.js';

describe('a stored reason', () => {
  it.each([...failureCodes])('%s stands for itself', (code) => {
    expect(listed(failureCodes, code)).toBe(code);
  });

  it.each([...doubtReasons])('%s stands for itself', (reason) => {
    expect(listed(doubtReasons, reason)).toBe(reason);
  });

  it.each([
    ['no_reply_und_err_socket', 'no_reply'],
    ['unreadable_reply_502', 'unreadable_reply'],
    ['gateway_error_5010', 'gateway_error'],
    ['gateway_server_error_500', 'gateway_server_error'],
    ['unlisted_error_404', 'unlisted_error'],
    ['something_else', 'unspecified'],
    ['', 'unspecified'],
  ])('of an older version is shown as a listed one: %s', (stored, expected) => {
    expect(listed(doubtReasons, stored)).toBe(expected);
  });
});

it('the lists have a code for every refusal of the gateway', () => {
  const expected: readonly string[] = refusalCodes.map((code) => `gateway_${code}`);
  expect(expected.filter((code) => listed(failureCodes, code) === 'unspecified')).toEqual([]);
  const ofRefunds: readonly string[] = refundRefusalCodes.map((code) => `gateway_${code}`);
  expect(ofRefunds.filter((code) => listed(refundFailureCodes, code) === 'unspecified')).toEqual(
    [],
  );
});
