// The figures of the overview: a range from the api, and the seconds that follow it as they come.
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { get, type Overview, type OverviewSecond } from '../api.js';
import { withSeconds } from './with-seconds.js';

export const RANGES = {
  '15m': '15 minutes',
  '1h': '1 hour',
  '6h': '6 hours',
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
} as const satisfies Record<Overview['range'], string>;

/** The range in the address; an hour by default. */
export function rangeIn(search: string): Overview['range'] {
  const range = new URLSearchParams(search).get('range') ?? '';
  return Object.hasOwn(RANGES, range) ? (range as Overview['range']) : '1h';
}

/** Seconds to remember between two reads of the range. */
const SECONDS_MAX = 900;
const READ_MIN_MS = 15_000;
const READ_MAX_MS = 60_000;

/** Reads the range, and follows it while the tab is visible. */
export function useOverview(range: Overview['range']): UseQueryResult<Overview> & {
  readonly newest: OverviewSecond | undefined;
} {
  const isVisible = useIsVisible();
  const seconds = useSeconds(isVisible);
  const read = useQuery({
    queryKey: ['overview', range],
    queryFn: () => get<Overview>(`/overview?range=${range}`),
    refetchInterval: ({ state }) => {
      const stepMs = (state.data?.step_seconds ?? 0) * 1_000;
      return isVisible && Math.min(READ_MAX_MS, Math.max(READ_MIN_MS, stepMs));
    },
    placeholderData: (before) => before,
  });
  const { data } = read;
  const followed = useMemo(() => data && withSeconds(data, seconds), [data, seconds]);
  return { ...read, data: followed, newest: seconds.at(-1) } as ReturnType<typeof useOverview>;
}

/** The newest seconds, oldest first. The browser reconnects by itself. */
function useSeconds(isFollowed: boolean): readonly OverviewSecond[] {
  const [seconds, setSeconds] = useState<readonly OverviewSecond[]>([]);
  useEffect(() => {
    if (!isFollowed) return undefined;
    const source = new EventSource('/v1/ops/overview/live');
    source.addEventListener('second', ({ data }: MessageEvent<string>) => {
      const second = JSON.parse(data) as OverviewSecond;
      setSeconds((before) => [...before.slice(1 - SECONDS_MAX), second]);
    });
    return () => {
      source.close();
      // The range is read again, and has them.
      setSeconds([]);
    };
  }, [isFollowed]);
  return seconds;
}

function useIsVisible(): boolean {
  const [isVisible, setVisible] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const change = () => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', change);
    return () => document.removeEventListener('visibilitychange', change);
  }, []);
  return isVisible;
}
