// A sink that keeps everything, for tests of readers.

import { HistogramsReader } from '../../runner/metrics/histograms/histograms-reader.ts';
import type { StreamSink } from '../../runner/metrics/sinks/sink.ts';
import type {
  GeneratorHealth,
  Metric,
  Series,
  SeriesOverflow,
  SeriesWindow,
  StreamFaults,
} from '../../runner/model/metrics.ts';

export class KeptStream implements StreamSink {
  readonly metrics: Metric[] = [];
  readonly declared: Series[] = [];
  readonly windows: SeriesWindow[] = [];
  readonly healths: GeneratorHealth[] = [];
  readonly overflows: SeriesOverflow[] = [];
  readonly notes: Array<[kind: string, payload: unknown]> = [];

  metric(metric: Metric): void {
    this.metrics.push(metric);
  }
  series(series: Series): void {
    this.declared.push(series);
  }
  window(window: SeriesWindow): void {
    this.windows.push(window);
  }
  health(health: GeneratorHealth): void {
    this.healths.push(health);
  }
  overflow(overflow: SeriesOverflow): void {
    this.overflows.push(overflow);
  }
}

/** Reads the chunks as one stream. */
export function readStream(...chunks: ReadonlyArray<Uint8Array | string>): { kept: KeptStream; faults: StreamFaults } {
  const kept = new KeptStream();
  const reader = new HistogramsReader(kept, (kind, payload) => kept.notes.push([kind, payload]));
  for (const chunk of chunks) reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return { kept, faults: reader.end() };
}
