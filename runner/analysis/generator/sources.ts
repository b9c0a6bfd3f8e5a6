// The sources of a merged run: their rows in the result, and the worst load generator among them, which the verdict
// uses.

import type { Result } from '../../model/result.ts';
import type { SourceFacts } from '../../model/source.ts';
import type { GeneratorVerdict } from './generator.ts';

const INFLATES: readonly GeneratorVerdict['inflates'][] = ['no', 'unknown', 'somewhat', 'yes'];
const STATES: readonly GeneratorVerdict['state'][] = ['clean', 'unknown', 'warn', 'saturated'];

/**
 * The generator of the run: k6's own load from the worst source; dropped iterations and achieved rate from all
 * together. Without several sources, returns `whole`.
 */
export function worstGenerator(whole: GeneratorVerdict, sources: readonly SourceFacts[]): GeneratorVerdict {
  const [worst] = sources.toSorted((a, b) => badness(b.generator) - badness(a.generator));
  if (worst === undefined || sources.length < 2) return whole;
  const { generator } = worst;
  const ofAll = whole.fellShort || whole.droppedIterations > 0 ? (whole.fellShort ? 'saturated' : 'warn') : 'clean';
  const state = STATES.indexOf(ofAll) > STATES.indexOf(generator.state) ? ofAll : generator.state;
  return {
    ...generator,
    state,
    reasons: [`${worst.name} was the busiest of ${sources.length} load generators`, ...generator.reasons],
    fellShort: whole.fellShort || generator.fellShort,
    dropCause: whole.dropCause,
    droppedIterations: whole.droppedIterations,
    achievedRate: whole.achievedRate,
  };
}

function badness({ inflates, state, cpuShare = 0 }: SourceFacts['generator']): number {
  return INFLATES.indexOf(inflates) * 100 + STATES.indexOf(state) * 10 + Math.min(cpuShare, 1);
}

/** The largest difference between the sources' clocks, milliseconds. */
export interface ClockBound {
  readonly boundMs: number;
  /** `measured`: against the collector's clock. `started_together`: valid if all were started at the same moment. */
  readonly basis: 'measured' | 'started_together';
}

/** undefined if there is no bound. */
export function clockBound(sources: readonly SourceFacts[]): ClockBound | undefined {
  if (sources.length < 2) return undefined;
  const measured = sources.flatMap(({ clockAheadMs }) => clockAheadMs ?? []);
  if (measured.length === sources.length) {
    const boundMs = Math.max(...measured.map(({ high }) => high)) - Math.min(...measured.map(({ low }) => low));
    return { boundMs, basis: 'measured' };
  }
  const starts = sources.flatMap(({ loadFromMs, firstMs }) => loadFromMs ?? firstMs ?? []);
  if (starts.length < 2) return undefined;
  return { boundMs: Math.max(...starts) - Math.min(...starts), basis: 'started_together' };
}

type ResultSource = NonNullable<Result['sources']>[number];

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** The field `sources` of result.json. */
export function resultSources(sources: readonly SourceFacts[]): ResultSource[] {
  return sources.map((source) => {
    const lengthMs = source.firstMs === null || source.lastMs === null ? null : source.lastMs - source.firstMs;
    return {
      name: source.name,
      kind: source.kind,
      started_at: iso(source.firstMs),
      ended_at: iso(source.lastMs),
      load_started_at: iso(source.loadFromMs),
      requests: source.requests,
      rate_per_s: lengthMs === null || lengthMs <= 0 ? null : (source.requests * 1000) / lengthMs,
      failed_rate: source.failed,
      iterations: source.iterations,
      vus_max: source.vusMax,
      latency: source.latency,
      complete: source.isComplete,
      cut_at: iso(source.cutAtMs),
      gaps: source.gaps.map(({ fromMs, toMs }) => ({
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
      })),
      lost_lines: source.lostLines,
      missing_samples: source.missingSamples,
      repeated_lines: source.repeatedLines,
      exit_code: source.exitCode,
      problem: source.problem,
      clock_ahead_ms: source.clockAheadMs,
      generator: { state: source.generator.state, reasons: source.generator.reasons },
    };
  });
}
