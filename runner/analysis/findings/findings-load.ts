// Findings about the load generator and the stream: whether the requested load was reached, and whether the data are
// complete.

import type { Finding } from '../../model/kpi.ts';
import { oneLine, sentence } from '../../text/display-text.ts';
import { count, percent, plural } from '../../text/format.ts';
import type { DropCause, GeneratorVerdict } from '../generator/generator.ts';
import { STRAINED, saturatedTitle } from '../generator/saturation-words.ts';
import type { IterationCounts } from '../load/iterations.ts';
import type { FindingsInput } from './findings-input.ts';

/**
 * Findings about the load generator, unfinished and dropped iterations, faults of the stream, and tags beyond the cap
 * of series.
 */
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

/** From this share of the iterations, those lost at the end of the run are mentioned. */
const SHARE_TO_SAY = 0.01;

function iterationFindings(counts: IterationCounts | undefined): Finding[] {
  if (counts === undefined) return [];
  const { completed, begun = completed, interrupted = 0, notBegun, completedOfThem } = counts;
  const found: Finding[] = [];
  if (notBegun > 0) {
    found.push({
      kind: 'iterations_not_begun',
      severity: 'medium',
      title: `maxDuration ended the scenario before ${plural(notBegun, 'iteration')} could begin`,
      detail: `${count(completedOfThem)} were completed. Raise maxDuration or use more VUs to run all of them. k6 counts them as dropped_iterations.`,
      kpis: [],
    });
  }
  if (interrupted >= 1 && interrupted >= SHARE_TO_SAY * begun) {
    found.push({
      kind: 'iterations_interrupted',
      severity: 'low',
      title: `${count(interrupted)} of ${plural(begun, 'iteration was', 'iterations were')} interrupted`,
      detail:
        'They were started but not completed, so figures of iterations leave them out; their requests count. Use a longer gracefulStop or gracefulRampDown to let them finish.',
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
        title: saturatedTitle('generator'),
        detail: `${reasons} Limits that still passed are valid; misses smaller than the generator's own delay are inconclusive. Use a larger or less busy machine, a lighter script, or several machines.`,
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
            title: `${STRAINED}; the slowest requests may be inflated`,
            detail: `${reasons} High percentiles are not reliable; the median hardly changes.`,
            kpis: [],
          },
        ]
      : [];
  return [...busy, ...machineFindings(generator, hasMisses), ...shortfall(generator)];
}

/**
 * A machine with too little CPU makes times longer without a trace in k6's own figures. A clock change and a slow
 * runner are separate findings, because they explain no slow response.
 */
function machineFindings({ machine }: GeneratorVerdict, hasMisses: boolean): Finding[] {
  const isSaturated = machine.state === 'saturated';
  const isLoaded = isSaturated || machine.state === 'busy';
  const [load = ''] = isLoaded ? machine.reasons : [];
  const events = isLoaded ? machine.reasons.slice(1) : machine.reasons;
  const loaded: Finding = {
    kind: 'generator_machine',
    // If all targets were met, the remark at the verdict is enough.
    severity: isSaturated && hasMisses ? 'medium' : 'low',
    title: isSaturated
      ? saturatedTitle('machine')
      : "The load generator's machine was busy; the slowest requests may be inflated",
    detail: `${sentence(load)} Use a larger or less busy machine, and run the system under test on another one.`,
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
  k6_busy: 'k6 was busy and may not have kept up: use a larger or less busy machine, or several machines.',
  vus_exhausted:
    'k6 had headroom, but all maxVUs were in use: the system under test is too slow for this rate, or maxVUs is too low.',
  vus_not_ready: 'Not all allowed VUs were initialized: raise preAllocatedVUs, so that they are ready in time.',
  unknown: 'Either the system under test is too slow for this rate, maxVUs is too low, or k6 could not keep up.',
};

function shortfall(generator: GeneratorVerdict): Finding[] {
  const { droppedIterations, achievedRate, fellShort, dropCause } = generator;
  const reasons = generator.reasons.map(sentence).join(' ');
  const cause = DROP_CAUSES[dropCause];
  if (fellShort) {
    // Dropped iterations miss the rate at that moment, even if the total over the run reaches it.
    const reached =
      achievedRate === undefined || achievedRate >= 0.9995
        ? ''
        : `, ${percent(achievedRate)} of the requested load was reached`;
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

/** `bySource`: incomplete data are reported per source instead. */
function streamFindings(faults: FindingsInput['faults'], bySource: boolean): Finding[] {
  const { badLines, firstBadLine, badValues, outsideClock, runs, lostLines, missingSamples = 0, complete } = faults;
  const found: Finding[] = [];
  if (!bySource && (!complete || lostLines > 0 || missingSamples > 0)) {
    const what = !complete
      ? 'the stream from k6 ends before the run'
      : lostLines > 0
        ? `${plural(lostLines, 'line')} of the stream from k6 did not arrive`
        : `${plural(missingSamples, 'sample')} did not arrive, by the totals at the end of the stream`;
    found.push({
      kind: 'stream_incomplete',
      severity: 'high',
      title: `The numbers are incomplete: ${what}`,
      detail: `${!complete && lostLines > 0 ? `${plural(lostLines, 'line was', 'lines were')} also lost. ` : ''}Totals and rates are lower bounds; the report covers what arrived. k6.log may have the reason.`,
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
          ? `${plural(badValues, 'value that is not a finite number was', 'values that are not finite numbers were')} left out`
          : `${plural(badLines + badValues, 'line')} of the stream could not be read and ${badLines + badValues === 1 ? 'was' : 'were'} left out`,
      detail: `${plural(badLines, 'line was', 'lines were')} not k6 JSON, ${plural(badValues, 'value was', 'values were')} not a finite number.${first}${badLines === 0 ? ' The script adds NaN or infinity to a custom metric.' : ' Another program may write to the same output.'}`,
      kpis: [],
    });
  }
  if (outsideClock !== undefined) {
    found.push({
      kind: 'outside_clock',
      severity: 'low',
      title: `${plural(outsideClock, 'sample')} with times outside the run ${outsideClock === 1 ? 'was' : 'were'} left out`,
      detail:
        'Their times are more than a day away from all others. Usual causes are a wrong clock and lines of another run.',
      kpis: [],
    });
  }
  if (runs !== undefined) {
    found.push({
      kind: 'several_runs',
      severity: 'low',
      title: `The stream has ${count(runs)} k6 runs, one after the other`,
      detail:
        'Totals and percentiles cover all of them, and rates include the time between them. Analyze each run separately to judge it.',
      kpis: [],
    });
  }
  return found;
}

/** One finding per tag with too many values: k6 writes the same tags on all metrics of a request. */
function cardinality(overflow: FindingsInput['faults']['overflow']): Finding[] {
  const tags = [...new Set(overflow.map(({ tag }) => tag))];
  return tags.map((tag) => {
    const metrics = overflow.filter((one) => one.tag === tag);
    const most = Math.max(...metrics.map(({ values }) => values));
    const fix =
      tag === 'url' || tag === 'name'
        ? "Give requests with an id in the URL the same name: http.get(url, { tags: { name: 'GET /products/:id' } }), or the http.url`…` template."
        : `Remove the tag "${oneLine(tag, 60)}", or give it few values.`;
    const names = metrics.map(({ metric }) => oneLine(metric, 80)).join(', ');
    return {
      kind: 'cardinality',
      severity: 'medium',
      title: `The tag "${oneLine(tag, 60)}" has ${count(most)} values or more: too many series to keep apart`,
      detail: `Series beyond the limit lose this tag. Totals and figures by other tags are complete; figures by this tag are not. ${fix} Metrics: ${names}.`,
      kpis: [],
    };
  });
}
