// Goal: an operator sees when data ends and how far the workers are. Method: the command over a
// real database.
import { Payments, Retention } from '@quittance/persistence';
import { insertTestTerminal } from '../../../../test/support/payments.js';
import { aPaidPayment } from '../../../../test/support/refunds.js';
import { CliRig } from '../../test/cli-rig.js';

let rig: CliRig;

beforeAll(async () => {
  rig = await CliRig.start();
  await insertTestTerminal(rig.pool);
});
afterAll(() => rig.stop());

it('says that nothing has begun', async () => {
  const { err, exitCode } = await rig.run('retention');
  expect([exitCode, err]).toEqual([
    0,
    'No worker has begun yet to end old data (history, personal_data, payments, batches).\n',
  ]);
});

it('shows the ages, the count and what is due', async () => {
  const at = new Date(Date.now() - 600 * 86_400_000);
  for (let index = 0; index < 3; index += 1) {
    const payment = aPaidPayment({ nextStepAt: null, createdAt: at, updatedAt: at });
    await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
  }
  await rig.pool.query(
    `INSERT INTO queue_watch (redis_run_id, delivered_before) VALUES ('run', now())`,
  );
  const retention = new Retention(rig.pool);
  const now = new Date();
  await retention.endStep({ kind: 'personal_data', keepDays: 550, now, limit: 1 });
  await retention.endStep({ kind: 'history', keepDays: null, now, limit: 1 });
  const { out } = await rig.run('retention');
  expect(out).toMatch(/personal_data +550d +1 +2 +walking since /);
  expect(out).toMatch(/history +for ever +0 +0 +never ends/);
  const json = (await rig.run('--json', 'retention')).out.split('\n')[1] ?? '';
  expect(JSON.parse(json)).toMatchObject({
    kind: 'personal_data',
    keep_days: 550,
    ended: 1,
    next: 2,
  });
});
