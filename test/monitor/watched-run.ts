// Readings of a system under test in an archive, from functions of time, for tests of verdicts, charts and findings.

import { keyOf } from '../../runner/metrics/buckets/histogram.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Series, ServerRun, Tags } from '../../runner/model/metrics.ts';
import type { ServerNote } from '../../runner/monitor/notes.ts';
import { LOAD_START_MS } from '../report/sample-run.ts';

export interface Watched {
  readonly metric: string;
  readonly unit?: string;
  readonly source?: string;
  readonly labels?: Tags;
  /** Value by second since the start of load, negative before it; undefined is a gap. */
  readonly at: (second: number) => number | undefined;
}

/** `loadSeconds` of load from LOAD_START_MS on, with `idleSeconds` before and after it. */
export function watchedRun(
  watched: readonly Watched[],
  {
    loadSeconds,
    idleSeconds = 5,
    notes = [],
  }: { loadSeconds: number; idleSeconds?: number; notes?: readonly ServerNote[] },
): ServerRun {
  const store = new MetricsStore({ timeline: true });
  const serverNotes: ServerNote[] = [...notes];
  const endMs = LOAD_START_MS + loadSeconds * 1000;
  serverNotes.push({
    about: 'phase',
    phase: 'before',
    fromMs: LOAD_START_MS - idleSeconds * 1000,
    toMs: LOAD_START_MS,
  });
  serverNotes.push({ about: 'phase', phase: 'after', fromMs: endMs, toMs: endMs + idleSeconds * 1000 });
  for (const name of new Set(watched.map(({ source = 'demo' }) => source))) {
    serverNotes.push({ about: 'source', name, kind: 'exposition', target: 'http://127.0.0.1:1/metrics' });
    serverNotes.push({ about: 'samples', source: name, samples: loadSeconds });
  }
  for (const { metric, unit = '', source = 'demo', labels = {}, at } of watched) {
    serverNotes.push({ about: 'metric', name: metric, unit });
    const seriesOf = (phase: string): Series => ({
      id: 0,
      metric: { name: metric, type: 'trend', contains: 'default' },
      tags: { ...labels, source, ...(phase === '' ? {} : { phase }) },
    });
    const series = { before: seriesOf('before'), during: seriesOf(''), after: seriesOf('after') };
    for (let second = -idleSeconds; second < loadSeconds + idleSeconds; second++) {
      const value = at(second);
      if (value === undefined) continue;
      store.sink.window({
        series: second < 0 ? series.before : second < loadSeconds ? series.during : series.after,
        startMs: LOAD_START_MS + second * 1000,
        lengthMs: 1000,
        count: 1,
        sum: value,
        min: value,
        max: value,
        last: value,
        bins: { keys: Int32Array.of(keyOf(value)), counts: Float64Array.of(1) },
      });
    }
  }
  return { metrics: store, notes: serverNotes };
}
