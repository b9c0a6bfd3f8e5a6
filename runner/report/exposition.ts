// Metric families → text in the OpenMetrics 1.0 format, which Prometheus and GitLab read.

import { Counter, Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { isFigure } from '../text/format.ts';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** null or undefined: no data, so no line. */
  readonly value: number | null | undefined;
}

/** One metric family. Its name ends in a base unit of Prometheus (seconds, bytes, ratio); that of a counter in `_total`. */
export interface Family {
  readonly type: 'gauge' | 'counter';
  readonly name: string;
  /** One sentence without quotes, backslashes or line breaks, which would need escaping. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The families as text that ends with `# EOF`; families without data are left out. Of gauge samples with the same labels the last counts. */
export async function expose(families: readonly Family[]): Promise<string> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const { type, name, help, samples } of families) {
    // A script can add negative values to a k6 counter, but a Prometheus counter never falls.
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
