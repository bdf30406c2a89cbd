// A chart over time: uPlot draws, HTML names the series, and a slider moves the cursor by keyboard.
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import style from './chart.module.css';
import parts from '../parts.module.css';

/** One line of a chart; `null` is a gap. */
export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly title: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** The top of the scale, unless a value is larger. */
  readonly atLeast?: number;
  readonly note?: string;
}

const HEIGHT = 150;
/** Rows of the table, the newest first. */
const TABLE_ROWS = 60;

export function Chart({ title, times, lines, format, atLeast = 1, note }: ChartProps): ReactNode {
  const [cursor, setCursor] = useState<number | null>(null);
  const last = times.length - 1;
  const at = cursor === null ? last : Math.min(cursor, last);
  const valueAt = (line: Line) => {
    const value = line.values[at];
    return value === null || value === undefined ? '–' : format(value);
  };
  const time = timeText(times[at], times);
  const readout = `${time}: ${lines.map((line) => `${line.name} ${valueAt(line)}`).join(', ')}`;
  const move = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      PageUp: at - 10,
      PageDown: at + 10,
      Home: 0,
      End: last,
    };
    const next = steps[event.key];
    if (event.key === 'Escape') setCursor(null);
    if (next === undefined) return;
    event.preventDefault();
    setCursor(Math.max(0, Math.min(last, next)));
  };
  return (
    <figure className={style.chart}>
      <figcaption>
        <h2 className={style.title}>{title}</h2>
        <ul className={style.legend}>
          {lines.map((line, index) => (
            <li key={line.name} data-line={index % 6}>
              <span className={style.swatch} aria-hidden="true" />
              {line.name} <b>{valueAt(line)}</b>
            </li>
          ))}
          <li className={style.time}>{cursor === null ? 'now' : time}</li>
        </ul>
        {note !== undefined && <p className={style.note}>{note}</p>}
      </figcaption>
      <div
        className={style.plot}
        role="slider"
        tabIndex={0}
        aria-label={`${title}: move through time`}
        aria-valuemin={0}
        aria-valuemax={Math.max(last, 0)}
        aria-valuenow={Math.max(at, 0)}
        aria-valuetext={readout}
        onKeyDown={move}
        onBlur={() => setCursor(null)}
      >
        <Plot {...{ times, lines, format, atLeast, cursor }} onCursor={setCursor} />
      </div>
      <DataTable {...{ title, times, lines, format }} />
    </figure>
  );
}

interface PlotProps extends Pick<ChartProps, 'times' | 'lines' | 'format'> {
  readonly atLeast: number;
  readonly cursor: number | null;
  readonly onCursor: (index: number | null) => void;
}

function Plot({ times, lines, format, atLeast, cursor, onCursor }: PlotProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const isDark = useIsDark();
  const data = useMemo(
    () => [[...times], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData,
    [times, lines],
  );
  const names = lines.map(({ name }) => name).join('\n');
  const latest = useRef({ data, onCursor, format });
  latest.current = { data, onCursor, format };
  // A new plot for other series or colours; data and cursor change the one there is.
  useEffect(() => {
    const parent = box.current;
    if (!parent) return;
    const options = optionsOf(parent, names.split('\n'), atLeast, latest.current.format);
    const made = new uPlot(
      {
        ...options,
        hooks: { setCursor: [({ cursor: { idx } }) => latest.current.onCursor(idx ?? null)] },
      },
      latest.current.data,
      parent,
    );
    plot.current = made;
    const resized = new ResizeObserver(() =>
      made.setSize({ width: parent.clientWidth, height: HEIGHT }),
    );
    resized.observe(parent);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, isDark, atLeast]);
  useEffect(() => plot.current?.setData(data), [data]);
  useEffect(() => {
    const made = plot.current;
    const time = cursor === null ? undefined : times[cursor];
    if (!made || made.cursor.idx === cursor) return;
    const left = time === undefined ? -10 : made.valToPos(time, 'x');
    made.setCursor({ left, top: time === undefined ? -10 : 0 }, false);
  }, [cursor, times]);
  return <div ref={box} />;
}

function optionsOf(
  parent: HTMLElement,
  names: readonly string[],
  atLeast: number,
  format: (value: number) => string,
): uPlot.Options {
  const { color, borderTopColor: grid } = getComputedStyle(parent);
  const swatches = parent.closest('figure')?.querySelectorAll('[data-line]') ?? [];
  const axis = { stroke: color, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  return {
    width: parent.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.05 || 0, atLeast)] } },
    axes: [
      {
        ...axis,
        space: 80,
        size: 28,
        values: ({ data: [times] }, splits) => splits.map((one) => timeText(one, times, false)),
      },
      { ...axis, size: 56, space: 32, values: (_, splits) => splits.map((one) => format(one)) },
    ],
    series: [
      {},
      ...names.map((label, index) => ({
        label,
        stroke: swatches[index] ? getComputedStyle(swatches[index]).color : color,
        width: 1.5,
        // A value between gaps has no line.
        points: { show: true, size: 5, filter: isolatedIn },
        // Lines differ by more than their colour.
        ...(index % 3 > 0 && { dash: index % 3 === 1 ? [6, 3] : [2, 3] }),
      })),
    ],
  };
}

function isolatedIn(plot: uPlot, line: number): number[] {
  const values = plot.data[line] ?? [];
  const isGap = (index: number) => typeof values[index] !== 'number';
  return [...values.keys()].filter(
    (index) => !isGap(index) && isGap(index - 1) && isGap(index + 1),
  );
}

function DataTable(props: Pick<ChartProps, 'title' | 'times' | 'lines' | 'format'>): ReactNode {
  const { title, times, lines, format } = props;
  const [isOpen, setOpen] = useState(false);
  const rows = [...times.entries()].slice(-TABLE_ROWS).toReversed();
  return (
    <details className={style.table} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Table<span className={parts.hidden}> of {title}</span>
      </summary>
      {isOpen && (
        <div
          className={parts.scroll}
          role="region"
          aria-label={`${title}, newest first`}
          tabIndex={0}
        >
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {lines.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([index, time]) => (
                <tr key={time}>
                  <th scope="row">{timeText(time, times)}</th>
                  {lines.map(({ name, values }) => {
                    const value = values[index];
                    return <td key={name}>{typeof value === 'number' ? format(value) : '–'}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

const DAY = 86_400;

/** The local time of a point; with its date when the chart covers more than a day. */
function timeText(time: number | undefined, times: ArrayLike<number>, hasSeconds = true): string {
  if (time === undefined) return 'no data';
  const date = new Date(time * 1_000);
  const isLong = (times[times.length - 1] ?? 0) - (times[0] ?? 0) > DAY;
  const clock = date.toLocaleTimeString('en', {
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    ...(!isLong && hasSeconds && { second: '2-digit' as const }),
  });
  const day = date.toLocaleDateString('en', { day: 'numeric', month: 'short' });
  return isLong ? `${day} ${clock}` : clock;
}

function useIsDark(): boolean {
  const query = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const change = () => setDark(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, [query]);
  return isDark;
}
