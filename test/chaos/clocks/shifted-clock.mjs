// Loaded before a process under test (`--import`): its wall clock is off by CLOCK_SHIFT_MS, and jumps as far again with each SIGUSR2.
// The monotonic clock and the timers are left alone, as on a host whose time was set.
const RealDate = Date;
const step = Number(process.env.CLOCK_SHIFT_MS ?? 0);
let shift = step;
process.on('SIGUSR2', () => (shift += step));

class ShiftedDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shift);
    else super(...args);
  }

  static now() {
    return RealDate.now() + shift;
  }
}
globalThis.Date = ShiftedDate;
