// The web vitals of k6's browser module, with the limits of web.dev/vitals, and their chart.

import { duration } from '../../text/format.ts';
import { type Band, bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import type { Ink } from './ink.ts';
import { percentileLines } from './percentile-lines.ts';
import { tableOverTime } from './timeline.ts';

export interface WebVital {
  readonly metric: string;
  readonly name: string;
  readonly label: string;
  /** Whether values are milliseconds; CLS has no unit. */
  readonly isTime: boolean;
  /** Highest value that is good. */
  readonly good: number;
  /** Higher values are poor. */
  readonly poor: number;
  readonly ink: Ink;
}

/** LCP, INP, CLS, FCP, TTFB and FID, in the order of the chart. */
export const WEB_VITALS: readonly WebVital[] = [
  {
    metric: 'browser_web_vital_lcp',
    name: 'LCP',
    label: 'Largest Contentful Paint',
    isTime: true,
    good: 2500,
    poor: 4000,
    ink: 'p95',
  },
  {
    metric: 'browser_web_vital_inp',
    name: 'INP',
    label: 'Interaction to Next Paint',
    isTime: true,
    good: 200,
    poor: 500,
    ink: 'p99',
  },
  {
    metric: 'browser_web_vital_cls',
    name: 'CLS',
    label: 'Cumulative Layout Shift',
    isTime: false,
    good: 0.1,
    poor: 0.25,
    ink: 'max',
  },
  {
    metric: 'browser_web_vital_fcp',
    name: 'FCP',
    label: 'First Contentful Paint',
    isTime: true,
    good: 1800,
    poor: 3000,
    ink: 'p50',
  },
  {
    metric: 'browser_web_vital_ttfb',
    name: 'TTFB',
    label: 'Time to First Byte',
    isTime: true,
    good: 800,
    poor: 1800,
    ink: 'sent',
  },
  {
    metric: 'browser_web_vital_fid',
    name: 'FID',
    label: 'First Input Delay',
    isTime: true,
    good: 100,
    poor: 300,
    ink: 'vus',
  },
];

const P75 = 0.75;

/** The p75 of the vitals that are times; undefined without them, or with too few samples for a line. */
export function webVitalsChart(input: ChartInput): ChartFigure | undefined {
  const found = WEB_VITALS.flatMap((vital) => {
    const p75 = vital.isTime ? input.metrics.total(vital.metric)?.quantile(P75) : undefined;
    return p75 === undefined ? [] : [{ vital, p75 }];
  });
  const bands = found.flatMap(({ vital: { metric, name, ink } }): Band[] => {
    const [points = []] = percentileLines(input, { metric }, [P75], input.mostPoints).lines;
    return points.length === 0 ? [] : [{ name, ink, style: 'line', points }];
  });
  // A few page loads are too few samples for a line; the table of web vitals has their figures.
  if (bands.length === 0) return undefined;
  return {
    name: 'web-vitals',
    title: 'Web vitals, p75',
    takeaway: `${found.map(({ vital, p75 }) => `${vital.name} ${duration(p75)}`).join(', ')}.`,
    ...bandsPlot(input, 200, bands, 'duration'),
    table: tableOverTime(
      input,
      found.map(({ vital }) => vital.name),
      (range) => found.map(({ vital }) => duration(input.metrics.total(vital.metric, {}, range)?.quantile(P75))),
    ),
  };
}
