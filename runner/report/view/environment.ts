// Facts of a run: what ran, where, when, with which k6 and build; the machine and the load generator; how figures are calculated.

import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import type { Result } from '../../model/result.ts';
import { oneLine, sentence, visible } from '../../text/display-text.ts';
import { bytes, count, duration, isFigure, NO_DATA, percent, plural, significant } from '../../text/format.ts';
import type { FigureOf, TrackBook } from '../tracks/book.ts';
import type { HealthFigure } from '../tracks/health-track.ts';
import { codeFact, fact, mark, timeFact } from './cells.ts';
import type { Fact, Mark, ReportView } from './model.ts';

/** The facts of the line below the title. */
export function bylineFacts(result: Result): Fact[] {
  return [
    fact('Component', result.component, 60),
    fact('Environment', result.environment, 60),
    fact('Build', result.build_version, 60),
    timeFact('Started', result.started_at),
    ...searchFacts(result),
  ];
}

/** The run's duration; for a capacity search that of the whole search, because the run is only its last step. */
function searchFacts({ capacity, duration_ms: runMs }: Result): Fact[] {
  if (capacity === undefined) return [fact('Duration', duration(runMs))];
  const { steps } = capacity;
  const [first, last] = [steps[0], steps.at(-1)];
  const loadMs = steps.reduce((sum, { duration_ms: ms }) => sum + ms, 0);
  if (first === undefined || last === undefined) return [fact('Duration', duration(runMs))];
  const wholeMs = Date.parse(last.started_at) + last.duration_ms - Date.parse(first.started_at);
  const seconds = (ms: number) => duration(Math.round(ms / 1000) * 1000, { trim: true });
  return [
    fact('Search', `${plural(steps.length, 'load')} in ${seconds(wholeMs)}, ${seconds(loadMs)} of it under load`),
    fact('Last run', duration(runMs)),
  ];
}

/** What ran, where and when: the facts of the section on the run. */
export function ranFacts(result: Result): Fact[] {
  return [
    fact('Scenario', result.scenario),
    fact('Component', result.component),
    fact('Load', result.profile === 'own' ? "the script's own" : `profile ${oneLine(result.profile, 40)}`),
    fact('Environment', result.environment),
    codeFact('System under test', result.target_url, 300),
    ...hostFacts(result),
    fact('Build', result.build_version),
    timeFact('Started', result.started_at),
    timeFact('Ended', result.ended_at),
    fact('Duration', duration(loadMs(result))),
    ...aroundLoad(result),
    fact('k6', `${result.k6.version}, ${result.k6.stream} stream`),
    codeFact('Script', result.script, 300),
    codeFact('Run', result.run, 300),
  ];
}

/** Hosts that the page lists; result.json has all. */
const MOST_HOSTS = 10;

/** The hosts that requests were sent to, with their numbers. */
function hostFacts({ hosts }: Result): Fact[] {
  if (hosts.length === 0) return [];
  const shown = hosts.slice(0, MOST_HOSTS).map(({ host, requests }) => `${oneLine(host, 80)} (${count(requests)})`);
  const more = hosts.length > MOST_HOSTS ? [`and ${hosts.length - MOST_HOSTS} more`] : [];
  return [codeFact('Hosts requested', [...shown, ...more].join(', '), 1200)];
}

/** A shorter time before or after the load is k6's own start or end, not setup() or teardown(). */
const LEAST_AROUND_LOAD_MS = 500;

function loadMs({ load_started_at, load_ended_at, duration_ms }: Result): number {
  if (load_started_at === null || load_ended_at === null) return duration_ms;
  return Math.max(Date.parse(load_ended_at) - Date.parse(load_started_at), 0);
}

/** How long setup() and teardown() made requests outside the load. */
function aroundLoad({ started_at, ended_at, load_started_at, load_ended_at }: Result): Fact[] {
  if (load_started_at === null || load_ended_at === null) return [];
  const setupMs = Date.parse(load_started_at) - Date.parse(started_at);
  const teardownMs = Date.parse(ended_at) - Date.parse(load_ended_at);
  return [
    ...(setupMs >= LEAST_AROUND_LOAD_MS ? [fact('setup() before the load', duration(setupMs))] : []),
    ...(teardownMs >= LEAST_AROUND_LOAD_MS ? [fact('teardown() after the load', duration(teardownMs))] : []),
  ];
}

/** The machine and versions of the run, and how k6 was called and ended. */
export function environmentFacts({ machine, k6, exit_code, novaperf_version, stream }: Result): Fact[] {
  return [
    fact('Operating system', machine.os),
    fact('Processor', `${machine.cpu}, ${count(machine.cores)} cores`),
    fact('Memory', bytes(machine.memory_bytes)),
    fact('Node', machine.node),
    fact('novaperf', novaperf_version),
    fact('k6', k6.version),
    codeFact('k6 executable', k6.path, 400),
    codeFact('k6 command', k6.command.join(' ')),
    fact('k6 exit code', k6.exit_code === null ? 'none' : String(k6.exit_code)),
    fact('Exit code', String(exit_code)),
    fact(
      'Stream',
      `${stream.complete ? 'complete' : 'incomplete'}; ${count(stream.bad_lines)} bad lines, ${count(stream.lost_lines)} lost, ${count(stream.bad_values)} bad values`,
    ),
  ];
}

/** How reports name the states of the load generator. */
export const GENERATOR_MARKS: Readonly<Record<Result['generator']['state'], Mark>> = {
  clean: mark('good', 'pass', 'clean'),
  warn: mark('warn', 'warn', 'strained'),
  saturated: mark('bad', 'fail', 'saturated'),
  unknown: mark('neutral', 'unknown', 'not measured'),
};

/** The health of the load generator: its state, the reasons for it, and its figures. */
export function generatorView({ generator, iterations }: Result, tracks: TrackBook): ReportView['generator'] {
  const health = (label: string, text: string, of: HealthFigure, figure: 'mean' | 'max', format: FigureOf['format']) =>
    fact(label, text, 300, tracks.bind({ figure, of: { health: of }, format }));
  const dropped = tracks.bind({ figure: 'sum', of: { metric: 'dropped_iterations' }, format: ['count'] });
  const cores = (value: number | null) => (isFigure(value) ? `${significant(value, 2)} cores` : NO_DATA);
  return {
    mark: GENERATOR_MARKS[generator.state],
    reasons: generator.reasons.map((reason) => sentence(visible(reason).slice(0, 400))),
    facts: [
      health('CPU of k6, avg', cores(generator.cpu_cores_avg), 'cpuCores', 'mean', ['cores']),
      health('CPU of k6, max', cores(generator.cpu_cores_max), 'cpuCores', 'max', ['cores']),
      fact('Cores allowed', count(generator.cores_allowed)),
      health('Memory of k6, max', bytes(generator.resident_bytes_max), 'residentBytes', 'max', ['bytes']),
      fact('Scheduler latency p99', duration(generator.sched_p99_ms)),
      health('Goroutines, max', count(generator.goroutines_max), 'goroutines', 'max', ['count']),
      ...iterationFacts(iterations),
      fact(
        'Dropped iterations',
        count(generator.dropped_iterations),
        300,
        (iterations.not_begun ?? 0) > 0 ? undefined : dropped,
      ),
      ...(isFigure(generator.achieved_rate) ? [fact('Arrival rate reached', percent(generator.achieved_rate))] : []),
      health('Sample containers waiting, max', count(generator.backlog_max), 'backlog', 'max', ['count']),
      ...machineFacts(generator),
    ],
  };
}

/** How busy the load generator's machine was, also with other programs. */
function machineFacts({ machine }: Result['generator']): Fact[] {
  if (machine === undefined || machine.state === 'unknown') return [];
  const share = (value: number | null) => percent(value === null ? null : Math.round(value * 100) / 100);
  return [
    fact('CPU of its machine', `${share(machine.cpu_avg)} on average, ${share(machine.cpu_sustained)} in 3 of 5 s`),
    ...(isFigure(machine.pressure_sustained)
      ? [fact('Tasks waiting for a CPU', `${share(machine.pressure_sustained)} of the time, in 3 of 5 s`)]
      : []),
    ...(isFigure(machine.other_cores_avg)
      ? [fact('Used by other programs', `${significant(machine.other_cores_avg, 2)} cores on average`)]
      : []),
    ...(isFigure(machine.runner_lag_max_ms)
      ? [fact('Delay of novaperf, max', duration(machine.runner_lag_max_ms))]
      : []),
    fact(
      'Clock',
      isFigure(machine.clock_step_ms)
        ? `changed by ${duration(machine.clock_step_ms)} during the run`
        : 'not changed during the run',
    ),
  ];
}

/** Counts of iterations; those that a result of an older release lacks are left out. */
function iterationFacts({ asked, begun, completed, interrupted, not_begun }: Result['iterations']) {
  const known = [
    ['Iterations requested by arrival rates', asked],
    ['Iterations started', begun],
    ['Iterations completed', completed],
    ['Iterations interrupted', interrupted],
    ['Iterations not started before maxDuration', not_begun === 0 ? null : not_begun],
  ] as const;
  return known.flatMap(([label, value]) => (isFigure(value) ? [fact(label, count(value))] : []));
}

/** How the figures are calculated: estimator, error bound, what is left out. */
export function methodNotes(result: Result, primary: PrimaryLatency | undefined, intervalMs: number): string[] {
  const notes = [
    "Percentiles follow k6's definition: linear interpolation between the two nearest ranks. They come from a histogram with 512 buckets per power of two and are within 0.1 % of the exact value. Counts, sums, min and max are exact.",
    '95 % intervals account for the correlation between neighboring requests. They cover this run only; to measure the variation between runs, run several times.',
    `Charts are made from intervals of ${duration(intervalMs, { trim: true })}. Each point of a percentile line combines as many intervals as are needed for enough samples: 40 for p95, 200 for p99.`,
  ];
  if (primary !== undefined) notes.push(`${primary.label} (${primary.metric}) covers ${primary.scope}.`);
  if (primary?.metric === 'http_req_duration') {
    notes.push(
      'Percentiles of endpoints exclude failed requests. Open an endpoint to see percentiles that include them.',
    );
  }
  if (result.k6.stream === 'histograms') notes.push('k6 aggregated the samples per series and second.');
  else notes.push('Samples were read from the JSON output of k6, which uses CPU of the load generator.');
  const { overflow } = result;
  if (overflow !== undefined) notes.push('Some series exceeded the limit and were merged; see the notes.');
  return notes;
}

/** The options that k6 ran with, as JSON; cut at 60,000 characters. */
export function optionsText(result: Result): string {
  const text = visible(JSON.stringify(result.options, null, 2));
  return text.length <= 60_000 ? text : `${text.slice(0, 60_000)}\n… ${count(text.length - 60_000)} characters more`;
}
