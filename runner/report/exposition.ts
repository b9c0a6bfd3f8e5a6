// Samples by family → text in the OpenMetrics 1.0 format, which Prometheus and GitLab read. Which samples there are is said elsewhere.

import { Counter, Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { isFigure } from '../text/format.ts';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** null: no data, and then no line. */
  readonly value: number | null | undefined;
}

/** One metric family. Its name carries the unit, in the base units of Prometheus (seconds, bytes, ratio); a counter's ends in `_total`. */
export interface Family {
  readonly type: 'gauge' | 'counter';
  readonly name: string;
  /** One sentence of ours, without quotes, backslashes or line breaks: the format would have them escaped. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The families as text that ends with `# EOF`; one without a figure is left out. Of samples with the same labels a gauge shows the last. */
export async function expose(families: readonly Family[]): Promise<string> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const { type, name, help, samples } of families) {
    // A counter of k6 may be fed with negative values; one of Prometheus never falls.
    const shown = samples.filter(({ value }) => isFigure(value) && (type === 'gauge' || value >= 0));
    if (shown.length === 0) continue;
    const labelNames = [...new Set(shown.flatMap(({ labels }) => Object.keys(labels)))];
    if (type === 'gauge') {
      const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
      for (const { labels, value } of shown) gauge.set({ ...labels }, value ?? 0);
    } else {
      const counter = new Counter({ name, help, labelNames, registers: [registry] });
      for (const { labels, value } of shown) counter.inc({ ...labels }, value ?? 0);
    }
  }
  return registry.metrics();
}
