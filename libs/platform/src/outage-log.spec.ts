import { createLogger } from './logging.js';
import { OutageLog } from './outage-log.js';

function open() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const log = createLogger({ name: 'test', destination: { write } });
  const messages = { failed: 'it fails', over: 'it works again' };
  return { lines, outage: new OutageLog(log, 'error', messages, { task: 'relay' }) };
}
const refused = (port: number) =>
  Object.assign(new Error(`connect ECONNREFUSED 127.0.0.1:${port}`), { code: 'ECONNREFUSED' });

describe('an outage in the log', () => {
  it('is one line for each cause, and one with the count when it is over', () => {
    const { lines, outage } = open();
    for (let pass = 0; pass < 80; pass += 1) outage.failed(refused(50_000 + pass));
    for (let pass = 0; pass < 80; pass += 1) outage.failed('read-only');
    outage.failed(refused(60_000));
    outage.over();
    outage.over();
    expect(lines).toMatchObject([
      { level: 'error', msg: 'it fails', task: 'relay', err: { code: 'ECONNREFUSED' } },
      { level: 'error', msg: 'it fails', task: 'relay', reason: 'read-only' },
      { level: 'info', msg: 'it works again', task: 'relay', failures: 161 },
    ]);
  });

  it('is logged again when it recurs', () => {
    const { lines, outage } = open();
    for (let time = 0; time < 2; time += 1) {
      outage.failed('silent');
      outage.over();
    }
    expect(lines.map(({ msg }) => msg)).toEqual([
      'it fails',
      'it works again',
      'it fails',
      'it works again',
    ]);
  });

  it('does not grow with ever new causes', () => {
    const { lines, outage } = open();
    for (let at = 0; at < 1000; at += 1) outage.failed(`cause ${'x'.repeat(at)}`);
    expect(lines).toHaveLength(10);
  });
});
