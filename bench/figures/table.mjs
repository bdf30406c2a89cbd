// The figures for a person to read.
import { hasProcessFigures } from '../machine/process-figures.mjs';

const NAME_WIDTH = 30;
const CELL_WIDTH = 12;

/** What the project set out to reach (docs/performance.md). */
const TARGETS = { ratio: 0.8, overheadP50Ms: 25, memoryMb: 200 };

function line(name, ...cells) {
  const padded = cells.map((cell) => String(cell ?? '-').padStart(CELL_WIDTH));
  return `  ${name.padEnd(NAME_WIDTH)}${padded.join('')}`.trimEnd();
}

function speedLines({ quittance, bare }) {
  const row = (name, pick) => line(name, pick(quittance), pick(bare));
  return [
    line('', 'Quittance', 'bare'),
    row('intake per second', ({ intake }) => intake.per_second),
    row('  p50 ms', ({ intake }) => intake.p50_ms),
    row('  p99 ms', ({ intake }) => intake.p99_ms),
    row('end to end per second', ({ end_to_end: end }) => end.per_second),
    row('  accept to order domain p50 ms', ({ end_to_end: end }) => end.p50_ms),
    row('  accept to order domain p99 ms', ({ end_to_end: end }) => end.p99_ms),
  ];
}

function processLines({ quittance, bare }) {
  if (!hasProcessFigures) return ['  CPU and memory of processes are known on Linux only.'];
  const names = Object.keys(quittance.cpu_ms_per_payment);
  const cpu = names.map((name) =>
    line(`  ${name}`, quittance.cpu_ms_per_payment[name], bare.cpu_ms_per_payment[name]),
  );
  const memory = Object.entries(quittance.memory_mb).map(([name, { now, peak }]) => {
    const others = bare.memory_mb[name];
    const text = (figures) => figures && `${figures.now}${figures.peak ? `/${figures.peak}` : ''}`;
    return line(`  ${name}`, text({ now, peak }), text(others));
  });
  return ['  CPU ms per payment', ...cpu, '', '  resident MB (now/peak)', ...memory];
}

function verdict(name, value, isReached, target) {
  return `  ${isReached ? 'reached' : 'MISSED '}  ${name.padEnd(44)} ${value} (target ${target})`;
}

function targetLines({ quittance, overhead, ratio, cpu_ratio }) {
  const own = ['api', 'worker', 'webhook', 'orders'].map(
    (name) => quittance.memory_mb?.[name]?.peak ?? 0,
  );
  const largest = Math.max(...own);
  const { p50_ms, p99_ms } = overhead;
  return [
    verdict('ratio, end to end per second to bare', ratio, ratio >= TARGETS.ratio, '>= 0.8'),
    verdict('added to one waiting payment, p50 ms', p50_ms, p50_ms < TARGETS.overheadP50Ms, '< 25'),
    verdict('largest process, MB at its peak', largest, largest < TARGETS.memoryMb, '< 200'),
    `           ${'added to one waiting payment, p99 ms'.padEnd(44)} ${p99_ms}`,
    `           ${'CPU per payment, Quittance to bare'.padEnd(44)} ${cpu_ratio}`,
  ];
}

/** Lays the figures out (see command.mjs for their shape). */
export function figuresTable(figures) {
  const { machine, payments, rounds, connections } = figures;
  const about = [
    `  ${payments} payments each in ${rounds} rounds, ${connections} connections`,
    `  ${machine.processors} x ${machine.model}, Node ${machine.node}, load before ${machine.load_before}`,
  ];
  const share = figures.quittance.finished_by_callback;
  if (share < 1) {
    const others = ((1 - share) * 100).toFixed(1);
    about.push(
      `  WARNING: ${others} % of Quittance's payments were not finished by their callback`,
    );
  }
  const parts = [about, speedLines(figures), processLines(figures), targetLines(figures)];
  return parts.map((lines) => lines.join('\n')).join('\n\n');
}
