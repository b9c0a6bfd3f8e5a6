// Which of an exporter's series are kept: globs on names, values of labels, and a cap that is reported.

import type { Tags } from '../model/metrics.ts';

export interface SeriesFilter {
  /** Globs with * and ? on the exporter's own names; none = all. */
  readonly match: readonly string[];
  /** Labels that must have these values, globs too. */
  readonly labels: Tags;
  /** Series kept at most, quantiles counted one by one. */
  readonly maxSeries: number;
}

/** Prometheus' own advice is to stay below ten values a label; exporters of a node or a database have some hundred series. */
export const DEFAULT_MAX_SERIES = 500;

export const EVERYTHING: SeriesFilter = { match: [], labels: {}, maxSeries: DEFAULT_MAX_SERIES };

/** The filter as a question; `family` is the name without _bucket, _sum or _count. */
export function seriesMatcher(filter: SeriesFilter): (name: string, family: string, labels: Tags) => boolean {
  const names = filter.match.map(globPattern);
  const wanted = Object.entries(filter.labels).map(([label, glob]) => ({ label, pattern: globPattern(glob) }));
  return (name, family, labels) =>
    (names.length === 0 || names.some((pattern) => pattern.test(name) || pattern.test(family))) &&
    wanted.every(({ label, pattern }) => pattern.test(Object.hasOwn(labels, label) ? (labels[label] ?? '') : ''));
}

/** `*` any text, `?` one character; everything else is itself. Runs of stars are one: each costs a way to go wrong slowly. */
function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
