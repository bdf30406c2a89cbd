/** What a program that failed has said: its standard error, else the error's own message. */
export function outputOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return stderr || message || String(error);
}
