// What the test runner (`npm test`) hands to the tests. Jest started by hand has none of it; the message says what to do.

/** A variable the runner sets. */
export function fromRunner(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`${name} is not set. Run these tests through: npm test -- --lane int <path>`);
  }
  return value;
}
