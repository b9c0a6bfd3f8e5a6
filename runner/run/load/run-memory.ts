// The run in bounded memory: for the live page, and for the report if the archive could not be written.

import type { StreamSink } from '../../metrics/sinks/sink.ts';
import { MetricsStore } from '../../metrics/store/store.ts';
import type { StreamFaults, TimeRange } from '../../model/metrics.ts';
import type { ServerArchive } from '../../monitor/recorder.ts';

/** Maximum bytes of the intervals, which become longer beyond it. The SUT has a quarter of that. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Two stores of bounded size: k6's numbers and those of the SUT. */
export class RunMemory {
  readonly metrics = new MetricsStore({ timeline: true, maxBytes: MAX_BYTES });
  readonly #server = new MetricsStore({ timeline: true, maxBytes: MAX_BYTES / 4 });
  readonly #notes: unknown[] = [];
  /** Takes k6's stream. */
  readonly sink: StreamSink = this.metrics.sink;
  /** Takes the readings of the SUT. */
  readonly server: ServerArchive = {
    window: (window) => {
      this.#server.sink.window(window);
      this.metrics.server = { metrics: this.#server, notes: this.#notes };
    },
    note: (_kind, payload) => void this.#notes.push(payload),
  };

  /** The stream has ended with these faults; `span`: from its first sample to its last. */
  end(faults: StreamFaults, span: TimeRange | undefined): void {
    this.metrics.end(faults);
    this.#server.end(faults);
    if (span !== undefined) this.metrics.setSpan(span);
  }
}
