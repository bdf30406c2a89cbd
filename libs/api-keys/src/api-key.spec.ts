import { digestOfKey, isApiKeyForm, newApiKey } from './api-key.js';

describe('an API key', () => {
  it('has a recognizable form and is unique', () => {
    const keys = Array.from({ length: 100 }, newApiKey);
    expect(keys.every(isApiKeyForm)).toBe(true);
    expect(new Set(keys).size).toBe(100);
  });

  it.each([
    '',
    'qk_',
    'qk_short',
    `pk_${'a'.repeat(43)}`,
    `qk_${'a'.repeat(44)}`,
    `qk_${'a'.repeat(42)}!`,
  ])('rejects %p', (text) => expect(isApiKeyForm(text)).toBe(false));

  it('is stored as a digest of 32 bytes', () => {
    const key = newApiKey();
    expect(digestOfKey(key)).toHaveLength(32);
    expect(digestOfKey(key)).not.toEqual(digestOfKey(newApiKey()));
  });
});
