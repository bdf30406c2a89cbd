// Goal: steps that are put off leave one by one, in order, and sooner when others need their slots.
// Method: promises, between which no timer fires.
import { PutOffPace } from './put-off-pace.js';

/** Begins so many steps. `gone` are the numbers of those whose turn has come. */
function begin(pace: PutOffPace, count: number) {
  const gone: number[] = [];
  const turns = Array.from({ length: count }, (_, step) =>
    pace.turn().then(() => void gone.push(step)),
  );
  return { gone, turns };
}
const promisesRun = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

it('lets the first step go at once and the others follow in their order', async () => {
  const { gone, turns } = begin(new PutOffPace(), 5);
  await promisesRun();
  expect(gone).toEqual([0]);
  await Promise.all(turns);
  expect(gone).toEqual([0, 1, 2, 3, 4]);
});

it('lets eight more go when others need their slots, and the rest in their turn', async () => {
  const pace = new PutOffPace();
  const { gone, turns } = begin(pace, 12);
  pace.hurry();
  await promisesRun();
  expect(gone).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  await Promise.all(turns);
  expect(gone).toHaveLength(12);
});
