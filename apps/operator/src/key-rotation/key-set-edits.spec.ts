// Goal: for any sequence of rotations and destructions, interrupted and restarted anywhere, a
// process has only its own halves of keys, every message can be decrypted where it must be, and the
// file is valid at each step.
import fc from 'fast-check';
import {
  forMakers,
  generateKeySets,
  holdersOf,
  KEY_DISTRIBUTION,
  KEY_SET_HOLDERS,
  type KeyPurpose,
  type KeySetJson,
  newKey,
  parseKeySet,
  parseNextKeySet,
} from '@quittance/vault';
import {
  activeKid,
  preparedKids,
  stateIn,
  withActive,
  withoutKey,
  withPrepared,
} from './key-set-edits.js';

type Files = Record<string, KeySetJson>;
const purposes = Object.keys(KEY_DISTRIBUTION) as KeyPurpose[];

/** Returns the files after each write of a rotation, in order. */
function steps(files: Files, purpose: KeyPurpose): Files[] {
  const { kid, whole } = newKey(purpose);
  const { openers } = KEY_DISTRIBUTION[purpose];
  const all = [files];
  const change = (holder: string, edit: (set: KeySetJson) => KeySetJson) => {
    const last = all.at(-1)!;
    all.push({ ...last, [holder]: edit(last[holder]!) });
  };
  for (const holder of holdersOf(purpose)) {
    const key = openers.includes(holder) ? whole : forMakers(whole);
    change(holder, (set) => withPrepared(set, purpose, key));
  }
  for (const holder of holdersOf(purpose)) change(holder, (set) => withActive(set, purpose, kid));
  return all;
}
const kids = (set: KeySetJson, purpose: KeyPurpose) =>
  (set[purpose] ?? []).map((key) => String(key['kid']));

it.each(purposes)(
  'a rotation of %s never encrypts with a key that a decrypting process lacks',
  (purpose) => {
    for (const files of steps({ ...generateKeySets() }, purpose)) {
      const actives = holdersOf(purpose).map((holder) => activeKid(files[holder]!, purpose)!);
      for (const opener of KEY_DISTRIBUTION[purpose].openers)
        expect(kids(files[opener]!, purpose)).toEqual(expect.arrayContaining(actives));
    }
  },
);

it.each(purposes)('a running process loads each file of a rotation of %s', (purpose) => {
  const all = steps({ ...generateKeySets() }, purpose);
  for (const [index, files] of all.slice(1).entries()) {
    for (const holder of KEY_SET_HOLDERS) {
      const before = parseKeySet(JSON.stringify(all[index]![holder]));
      expect(() => parseNextKeySet(JSON.stringify(files[holder]), before)).not.toThrow();
    }
  }
});

it('rotations never give a process another process’s half of a key', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...purposes), { maxLength: 6 }), (rotated) => {
      let files: Files = { ...generateKeySets() };
      for (const purpose of rotated) files = steps(files, purpose).at(-1)!;
      for (const holder of KEY_SET_HOLDERS) {
        for (const purpose of ['cards', 'terminalSecrets'] as const) {
          const isOpener = KEY_DISTRIBUTION[purpose].openers.includes(holder);
          for (const key of files[holder]![purpose] ?? []) expect('d' in key).toBe(isOpener);
        }
        const lists = purposes.filter((purpose) => holdersOf(purpose).includes(holder));
        expect(Object.keys(files[holder]!).toSorted()).toEqual(lists.toSorted());
      }
    }),
    { numRuns: 30 },
  );
});

describe('a step', () => {
  const set = generateKeySets().worker;
  const { kid, whole } = newKey('cards');
  const prepared = withPrepared(set, 'cards', whole);
  const active = withActive(prepared, 'cards', kid);
  const old = activeKid(set, 'cards')!;

  it('is idempotent', () => {
    expect(withPrepared(prepared, 'cards', whole)).toBe(prepared);
    expect(withPrepared(active, 'cards', whole)).toBe(active);
    expect(withActive(active, 'cards', kid)).toEqual(active);
    expect(withoutKey(set, 'cards', kid)).toBe(set);
  });

  it('reports the state of each key', () => {
    expect([stateIn(set, 'cards', kid), stateIn(set, 'cards', old)]).toEqual([undefined, 'active']);
    expect([stateIn(prepared, 'cards', kid), preparedKids(prepared, 'cards')]).toEqual([
      'prepared',
      [kid],
    ]);
    expect([stateIn(active, 'cards', kid), stateIn(active, 'cards', old)]).toEqual([
      'active',
      'retired',
    ]);
    expect(preparedKids(active, 'cards')).toEqual([]);
  });

  it('does not change the other lists', () => {
    for (const other of ['terminalSecrets', 'callbackTokens'] as const)
      expect(active[other]).toBe(set[other]);
  });
});

describe('a running process', () => {
  const { worker, api } = generateKeySets();
  const running = parseKeySet(JSON.stringify(worker));

  it.each<[string, KeySetJson, string]>([
    ['no keys at all', {}, 'cards no longer has a key'],
    ['an empty list', { ...worker, callbackTokens: [] }, 'callbackTokens no longer has a key'],
    ['the key set of the api', { ...worker, ...api }, 'a key without its private half'],
  ])('does not load %s', (_, next, words) => {
    expect(() => parseNextKeySet(JSON.stringify(next), running)).toThrow(words);
  });

  it('does not start with a prepared key in first place', () => {
    const [key] = worker.cards!;
    const wrong = { ...worker, cards: [{ ...key, prepared: true }] };
    expect(() => parseKeySet(JSON.stringify(wrong))).toThrow('cards[0] is only prepared');
  });
});
