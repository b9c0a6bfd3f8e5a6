// Explains why a KPI has no samples: which name or tag never occurred, and which did.

import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics, Series } from '../../model/metrics.ts';
import { nearest } from '../../system/nearest.ts';
import { formatSelector } from '../../targets/threshold.ts';
import { oneLine } from '../../text/display-text.ts';

/** More candidates are not searched: a hostile run may have 100,000 names, and each needs an edit distance. */
const MOST_CANDIDATES = 2000;
function suggestion(name: string, known: readonly string[], word: string): string {
  const candidates = known.slice(0, MOST_CANDIDATES).filter((candidate) => candidate.length <= 1000);
  const near = nearest(name, candidates);
  if (near.length > 0) return `; nearest ${word}: ${near.map(shown).join(', ')}`;
  if (known.length === 0) return '';
  const more = known.length > 5 ? ` and ${known.length - 5} more` : '';
  return `; ${word} that occurred: ${known.slice(0, 5).map(shown).join(', ')}${more}`;
}

/** k6 gives a request outside groups an empty `group`. */
function shown(value: string): string {
  return value === '' ? '(empty)' : oneLine(value);
}

function valuesOf(series: readonly Series[], tag: string): string[] {
  const values = new Set<string>();
  for (const { tags } of series) {
    const value = Object.hasOwn(tags, tag) ? tags[tag] : undefined;
    if (value !== undefined) values.add(value);
  }
  return [...values];
}

/**
 * Why no sample matched, in one sentence without a full stop, with the most similar metric or tag values that occurred.
 */
export function whyNoData(kpi: Pick<Kpi, 'metric' | 'filter'>, metrics: Pick<RunMetrics, 'series'>): string {
  const own = metrics.series.filter(({ metric }) => metric.name === kpi.metric);
  if (own.length === 0) {
    const names = [...new Set(metrics.series.map(({ metric }) => metric.name))];
    if (names.length === 0) return 'the run had no samples';
    return `no sample of ${oneLine(kpi.metric)}${suggestion(kpi.metric, names, 'metrics')}`;
  }
  for (const [tag, value] of Object.entries(kpi.filter)) {
    const values = valuesOf(own, tag);
    if (values.length === 0) {
      const tags = [...new Set(own.flatMap((series) => Object.keys(series.tags)))];
      return `no sample of ${oneLine(kpi.metric)} has a tag ${oneLine(tag)}${suggestion(tag, tags, 'tags')}`;
    }
    if (!values.includes(value)) {
      return `no sample of ${oneLine(kpi.metric)} has ${oneLine(tag)}:${oneLine(value)}${suggestion(value, values, `values of ${oneLine(tag)}`)}`;
    }
  }
  const selector = oneLine(formatSelector(kpi));
  return `no sample matched ${selector}: each of its tags exists, but no sample has all of them`;
}
