// The variables that the test runner (`npm test`) sets for the tests.

/**
 * A variable of the runner.
 * @throws {Error} with the right command when Jest was started by hand
 */
export function fromRunner(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`${name} is not set. Run these tests through: npm test -- --lane int <path>`);
  }
  return value;
}
