// Selects series of an exporter by name and labels, up to a limit that is reported.

import type { Tags } from '../model/metrics.ts';

export interface SeriesFilter {
  /** Globs with * and ? on the exporter's own names; empty for all. */
  readonly match: readonly string[];
  /** Required label values, as globs. */
  readonly labels: Tags;
  /** Limit of series; each quantile of a histogram counts as one. */
  readonly maxSeries: number;
}

/** Enough for exporters of a node or a database, which have some hundred series. */
export const DEFAULT_MAX_SERIES = 500;

/** All series, up to the default limit. */
export const ALL_SERIES: SeriesFilter = { match: [], labels: {}, maxSeries: DEFAULT_MAX_SERIES };

/** Returns the filter as a function; `family` is the name without _bucket, _sum or _count. */
export function seriesMatcher(filter: SeriesFilter): (name: string, family: string, labels: Tags) => boolean {
  const names = filter.match.map(globPattern);
  const wanted = Object.entries(filter.labels).map(([label, glob]) => ({ label, pattern: globPattern(glob) }));
  return (name, family, labels) =>
    (names.length === 0 || names.some((pattern) => pattern.test(name) || pattern.test(family))) &&
    wanted.every(({ label, pattern }) => pattern.test(Object.hasOwn(labels, label) ? (labels[label] ?? '') : ''));
}

/**
 * `*` matches any text, `?` one character. Several stars become one, because each would multiply the time of a failing
 * match.
 */
function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
