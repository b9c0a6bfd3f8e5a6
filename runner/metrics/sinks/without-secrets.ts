// Removes secrets from the names and tags of a stream, once per series, so that they reach neither figures nor files.

import type { Metric, Series } from '../../model/metrics.ts';
import { redactTag, redactText } from '../../text/secrets.ts';
import type { StreamSink } from './sink.ts';

/**
 * A sink that passes everything on to `sink` with secrets redacted. Series that differ only in a secret become one and
 * add up. Metrics of different types with equal redacted names get a number, as in `REDACTED_2`.
 */
export function withoutSecrets(sink: StreamSink): StreamSink {
  const metrics = new Map<string, Metric>();
  const byName = new Map<string, Metric>();
  const allSeries = new Map<Series, Series>();

  const safeMetric = (metric: Metric): Metric => {
    const known = metrics.get(metric.name);
    if (known?.type === metric.type) return known;
    const name = redactText(metric.name);
    let safe = name === metric.name ? metric : { ...metric, name };
    for (let number = 2; name !== metric.name && (byName.get(safe.name)?.type ?? metric.type) !== metric.type; number++)
      safe = { ...metric, name: `${name}_${number}` };
    metrics.set(metric.name, safe);
    byName.set(safe.name, safe);
    return safe;
  };
  const safeSeries = (series: Series): Series => {
    const known = allSeries.get(series);
    if (known !== undefined) return known;
    const metric = safeMetric(series.metric);
    const entries = Object.entries(series.tags);
    const safe = entries.map(([tag, value]): [string, string] => [tag, redactTag(tag, value)]);
    const isSame = metric === series.metric && safe.every(([, value], index) => value === entries[index]?.[1]);
    // fromEntries, because assigning a tag called __proto__ would lose it.
    const made = isSame ? series : { ...series, metric, tags: Object.fromEntries(safe) };
    allSeries.set(series, made);
    return made;
  };
  return {
    metric: (metric) => sink.metric(safeMetric(metric)),
    series: (series) => sink.series(safeSeries(series)),
    window(window) {
      const series = safeSeries(window.series);
      sink.window(series === window.series ? window : { ...window, series });
    },
    health: (health) => sink.health(health),
    overflow({ metric, tag, values, known }) {
      const name = metrics.get(metric)?.name ?? redactText(metric);
      const safe = known?.map((value) => redactTag(tag, value));
      sink.overflow({ metric: name, tag, values, ...(safe === undefined ? {} : { known: safe }) });
    },
  };
}
