// The load generator and the stream become findings: was the load what was asked for, and are the numbers whole.

import type { Finding } from '../model/kpi.ts';
import { oneLine, sentence } from '../text/display-text.ts';
import { count, percent, plural } from '../text/format.ts';
import type { FindingsInput } from './findings-input.ts';
import type { DropCause, GeneratorVerdict } from './generator.ts';
import type { IterationCounts } from './iterations.ts';

export function loadFindings({ generator, counts, faults, kpis, sources = [] }: FindingsInput): Finding[] {
  return [
    ...generatorFindings(
      generator,
      kpis.some(({ verdict }) => verdict === 'fail'),
    ),
    ...iterationFindings(counts),
    ...streamFindings(faults, sources.length > 0),
    ...cardinality(faults.overflow),
  ];
}

/** From this share of the iterations on, what the end of the run cost them is said. */
const SHARE_TO_SAY = 0.01;

function iterationFindings(counts: IterationCounts | undefined): Finding[] {
  if (counts === undefined) return [];
  const { completed, begun = completed, interrupted = 0, notBegun } = counts;
  const found: Finding[] = [];
  if (notBegun > 0) {
    found.push({
      kind: 'iterations_not_begun',
      severity: 'medium',
      title: `maxDuration ended the scenario before ${plural(notBegun, 'iteration')} could begin`,
      detail: `${count(completed)} were completed. shared-iterations and per-vu-iterations have no rate to keep: raise maxDuration, or use more VUs, to run all of them. k6 counts them as dropped_iterations.`,
      kpis: [],
    });
  }
  if (interrupted >= 1 && interrupted >= SHARE_TO_SAY * begun) {
    found.push({
      kind: 'iterations_interrupted',
      severity: 'low',
      title: `${count(interrupted)} of ${plural(begun, 'iteration was', 'iterations were')} interrupted`,
      detail:
        'They were begun and cut, so they are in no figure of whole iterations; their requests count. A longer gracefulStop or gracefulRampDown lets them finish.',
      kpis: [],
    });
  }
  return found;
}

function generatorFindings(generator: GeneratorVerdict | undefined, hasMisses: boolean): Finding[] {
  if (generator === undefined) return [];
  const reasons = generator.reasons.map(sentence).join(' ');
  if (generator.state === 'saturated' && generator.inflates === 'yes') {
    return [
      {
        kind: 'generator_saturated',
        severity: 'high',
        title: 'The load generator was saturated; reported latencies are inflated',
        detail: `${reasons} Limits that still passed are valid; misses smaller than the generator's own delay are inconclusive. Use a larger or quieter machine, a lighter script, or spread the load.`,
        kpis: [],
      },
      ...machineFindings(generator, hasMisses),
      ...shortfall(generator),
    ];
  }
  const busy: Finding[] =
    generator.inflates === 'somewhat'
      ? [
          {
            kind: 'generator_warn',
            severity: 'medium',
            title: 'The load generator was under strain; the slowest requests may be inflated',
            detail: `${reasons} High percentiles are suspect; the median hardly moves.`,
            kpis: [],
          },
        ]
      : [];
  return [...busy, ...machineFindings(generator, hasMisses), ...shortfall(generator)];
}

/**
 * A machine that had too little CPU for all that ran on it makes times longer without any trace in k6's own figures. A clock that was set,
 * and a runner that was held up, are findings of their own: they explain no slow response.
 */
function machineFindings({ machine }: GeneratorVerdict, hasMisses: boolean): Finding[] {
  const isSaturated = machine.state === 'saturated';
  const isLoaded = isSaturated || machine.state === 'busy';
  const [load = ''] = isLoaded ? machine.reasons : [];
  const events = isLoaded ? machine.reasons.slice(1) : machine.reasons;
  const loaded: Finding = {
    kind: 'generator_machine',
    // Where all targets were met all the same, the caution at the verdict says enough.
    severity: isSaturated && hasMisses ? 'medium' : 'low',
    title: isSaturated
      ? "The load generator's machine was saturated; reported latencies may be too long"
      : "The load generator's machine was busy; the slowest requests may be inflated",
    detail: `${sentence(load)} Use a larger or quieter machine, and keep the system under test off it.`,
    kpis: [],
  };
  const [event] = events;
  if (event === undefined) return isLoaded ? [loaded] : [];
  const disturbed: Finding = {
    kind: 'generator_disturbed',
    severity: 'low',
    title: sentence(event).replace(/[.]$/, ''),
    detail: events.map(sentence).join(' '),
    kpis: [],
  };
  return isLoaded ? [loaded, disturbed] : [disturbed];
}

const DROP_CAUSES: Readonly<Record<DropCause, string>> = {
  none: '',
  k6_busy: 'k6 itself was busy, so it may not have kept up: use a larger or quieter machine, or spread the load.',
  vus_exhausted:
    'k6 had headroom and every VU it may have was in use: the system under test is too slow for this rate, or maxVUs is too low.',
  vus_not_ready:
    'k6 may have more VUs than it had initialised: raise preAllocatedVUs, so that they are ready when they are needed.',
  unknown: 'Either the system under test is too slow for this rate, maxVUs is too low, or k6 could not keep up.',
};

function shortfall(generator: GeneratorVerdict): Finding[] {
  const { droppedIterations, achievedRate, fellShort, dropCause } = generator;
  const reasons = generator.reasons.map(sentence).join(' ');
  const cause = DROP_CAUSES[dropCause];
  if (fellShort) {
    // Dropped iterations fall short of a rate at their moment, even where the sum over the run reaches it.
    const reached =
      achievedRate === undefined || achievedRate >= 0.9995
        ? ''
        : `, ${percent(achievedRate)} of what was asked for was reached`;
    return [
      {
        kind: 'load_not_reached',
        severity: 'high',
        title: `The load fell short: ${plural(droppedIterations, 'iteration')} dropped${reached}`,
        detail: `${reasons} ${cause} Latency targets passed, but below the requested load, so they are inconclusive.`,
        kpis: [],
      },
    ];
  }
  if (droppedIterations === 0) return [];
  return [
    {
      kind: 'dropped_iterations',
      severity: 'low',
      title: `${plural(droppedIterations, 'iteration was', 'iterations were')} dropped`,
      detail: `${reasons} ${cause}`,
      kpis: [],
    },
  ];
}

/** `bySource`: what is incomplete is said of each source by itself. */
function streamFindings(faults: FindingsInput['faults'], bySource: boolean): Finding[] {
  const { badLines, firstBadLine, badValues, outsideClock, runs, lostLines, missingSamples = 0, complete } = faults;
  const found: Finding[] = [];
  if (!bySource && (!complete || lostLines > 0 || missingSamples > 0)) {
    const what = !complete
      ? "k6's stream ends before the run does"
      : lostLines > 0
        ? `${plural(lostLines, 'line')} of k6's stream never came`
        : `its closing totals have ${count(missingSamples)} samples more than came`;
    found.push({
      kind: 'stream_incomplete',
      severity: 'high',
      title: `The numbers are incomplete: ${what}`,
      detail: `${!complete && lostLines > 0 ? `${plural(lostLines, 'line')} were lost besides. ` : ''}Totals and rates are lower bounds; the report covers what arrived. The log of k6 may say why it ended.`,
      kpis: [],
    });
  }
  if (badLines > 0 || badValues > 0) {
    const first =
      firstBadLine === undefined
        ? ''
        : ` The first is line ${count(firstBadLine.line)}: "${oneLine(firstBadLine.text, 120)}".`;
    found.push({
      kind: 'bad_lines',
      severity: 'low',
      title:
        badLines === 0
          ? `${plural(badValues, 'value was no finite number and was', 'values were no finite numbers and were')} left out`
          : `${plural(badLines + badValues, 'line')} of the stream could not be read and ${badLines + badValues === 1 ? 'was' : 'were'} left out`,
      detail: `${plural(badLines, 'line was', 'lines were')} not k6's JSON, ${plural(badValues, 'value was', 'values were')} no finite number.${first}${badLines === 0 ? ' The script adds NaN or an infinity to a metric of its own.' : ' Something else may write to the same output.'}`,
      kpis: [],
    });
  }
  if (outsideClock !== undefined) {
    found.push({
      kind: 'outside_clock',
      severity: 'low',
      title: `${plural(outsideClock, 'sample')} with times outside the run ${outsideClock === 1 ? 'was' : 'were'} left out`,
      detail:
        'Their times are more than a day away from all others. A clock that was set wrongly, or lines of another run, are the usual causes.',
      kpis: [],
    });
  }
  if (runs !== undefined) {
    found.push({
      kind: 'several_runs',
      severity: 'low',
      title: `The stream holds ${count(runs)} runs of k6, one after the other`,
      detail:
        'Totals and percentiles are over all of them, and rates count the time between them. Analyze each alone to judge it.',
      kpis: [],
    });
  }
  return found;
}

/** One finding per tag that exploded: k6 writes the same tags on all metrics of a request. */
function cardinality(overflow: FindingsInput['faults']['overflow']): Finding[] {
  const tags = [...new Set(overflow.map(({ tag }) => tag))];
  return tags.map((tag) => {
    const metrics = overflow.filter((one) => one.tag === tag);
    const most = Math.max(...metrics.map(({ values }) => values));
    const fix =
      tag === 'url' || tag === 'name'
        ? "Give requests whose URL holds an id one name: http.get(url, { tags: { name: 'GET /products/:id' } }), or the http.url`…` template."
        : `Leave the tag "${oneLine(tag, 60)}" out, or give it few values; what is unique to each request is not a tag.`;
    const names = metrics.map(({ metric }) => oneLine(metric, 80)).join(', ');
    return {
      kind: 'cardinality',
      severity: 'medium',
      title: `The tag "${oneLine(tag, 60)}" took ${count(most)} values or more: too many series to tell apart`,
      detail: `Series beyond the limit lose this tag and are added up by their other tags: totals, and figures by tags of few values, are complete; figures by this tag are not. ${fix} Metrics: ${names}.`,
      kpis: [],
    };
  });
}
