import { encodeProbe } from './existence-probe.js';

describe('the existence probe', () => {
  it('has the reference and no amount', () => {
    const probe = encodeProbe('ORD-1', { publicKey: 'pk+/=' });
    expect(probe.path).toBe('/api/s2s');
    expect(JSON.parse(probe.body)).toEqual({
      public_key: 'pk+/=',
      reference: 'ORD-1',
      unique_reference: 'Y',
    });
  });
});
