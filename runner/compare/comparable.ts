// Two runs → the reasons, other than the build, why their figures may differ.

import { isDeepStrictEqual } from 'node:util';
import { isKnownBuild } from '../model/build.ts';
import type { ComparisonNote } from '../model/comparison.ts';
import type { Result } from '../model/result.ts';
import { GENERATOR_MARKS } from '../report/view/environment.ts';
import { oneLine } from '../text/display-text.ts';
import { bytes, count, duration } from '../text/format.ts';
import type { KeptRun } from './kept-run.ts';

type Run = Pick<KeptRun, 'result' | 'scriptHash'>;

/** The setup of a run, which is known before it starts. */
export interface SetupOfRun {
  readonly result: Pick<Result, 'scenario' | 'profile' | 'options' | 'environment' | 'target_url' | 'machine'> & {
    readonly k6: Pick<Result['k6'], 'version'>;
  };
  /** Hash of the bundle; undefined if not known. */
  readonly scriptHash: string | undefined;
}
type Level = ComparisonNote['level'];

/** Smaller differences in duration are normal: graceful stops take a different time in each run. */
const LEAST_DURATION_DIFFERENCE = 0.05;

/** The address without the port if it is local: a local server, such as the demo, may have a new port at every start. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, hostname, host, pathname } = new URL(url);
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  return `${protocol}//${isLocal ? hostname : host}${pathname}`;
}

/** The options without those that do not change the load: thresholds, tags, ext and summaryTrendStats. */
function loadOptions({ options }: Pick<Result, 'options'>): Record<string, unknown> {
  const { thresholds: _t, ext: _e, tags: _g, summaryTrendStats: _s, ...rest } = options;
  return rest;
}

function machineText({ machine }: Pick<Result, 'machine'>): string {
  return `${oneLine(machine.cpu, 60)}, ${count(machine.cores)} cores, ${bytes(machine.memory_bytes)}, ${oneLine(machine.os, 40)}`;
}

/** Topics that other code compares with. */
export const TOPICS = {
  script: 'Different script',
  load: 'Different load or options',
  environment: 'Different environment',
  system: 'Different system under test',
} as const;

/** Two builds that are loaded in one cycle have different addresses by design. */
const EXPECTED_IN_ONE_CYCLE: readonly string[] = [TOPICS.environment, TOPICS.system];

/** The notes of comparabilityNotes() for two builds that were loaded in one cycle. */
export function notesOfBoth(a: Run, b: Run): ComparisonNote[] {
  return comparabilityNotes(a, b).map((note) =>
    EXPECTED_IN_ONE_CYCLE.includes(note.topic) ? { ...note, level: 'info' as const } : note,
  );
}

/** The differences between two runs that are known before they start; empty if there are none. */
export function differencesOfSetup(a: SetupOfRun, b: SetupOfRun): ComparisonNote[] {
  const [x, y] = [a.result, b.result];
  const script: ComparisonNote[] = [];
  if (
    x.scenario === y.scenario &&
    a.scriptHash !== b.scriptHash &&
    a.scriptHash !== undefined &&
    b.scriptHash !== undefined
  ) {
    script.push({
      level: 'differs',
      topic: TOPICS.script,
      text: 'the script or its imports were changed',
    });
  }
  const options: ComparisonNote = {
    level: 'differs',
    topic: TOPICS.load,
    text: 'the options of the script differ, see the differences below',
  };
  return [
    ...differing('differs', 'Different scenario', x.scenario, y.scenario),
    ...differing('differs', 'Different profile', x.profile, y.profile),
    ...script,
    ...(isDeepStrictEqual(loadOptions(x), loadOptions(y)) ? [] : [options]),
    ...differing('differs', TOPICS.environment, x.environment, y.environment),
    ...differing('differs', TOPICS.system, placeOf(x.target_url), placeOf(y.target_url)),
    ...differing('differs', 'Different machine', machineText(x), machineText(y)),
    ...differing('differs', 'Different k6 version', x.k6.version, y.k6.version),
  ];
}

function differing(level: Level, topic: string, from: string, to: string): ComparisonNote[] {
  if (from === to) return [];
  return [{ level, topic, text: `a: ${oneLine(from, 160) || 'none'}; b: ${oneLine(to, 160) || 'none'}` }];
}

/** All notes about two runs, the most important first. Runs without a note of level `differs` are comparable. */
export function comparabilityNotes(a: Run, b: Run): ComparisonNote[] {
  const notes = differencesOfSetup(a, b);
  const say = (level: Level, topic: string, text: string) => notes.push({ level, topic, text });
  const [x, y] = [a.result, b.result];
  if (a.scriptHash === undefined || b.scriptHash === undefined) {
    say('doubt', 'Script not known', 'one of the runs kept no bundle, so the scripts cannot be compared');
  }
  notes.push(...differing('doubt', 'Different k6 stream', x.k6.stream, y.k6.stream));
  notes.push(...differing('info', 'Different novaperf version', x.novaperf_version, y.novaperf_version));
  const longest = Math.max(x.duration_ms, y.duration_ms);
  if (longest > 0 && Math.abs(x.duration_ms - y.duration_ms) / longest > LEAST_DURATION_DIFFERENCE) {
    say('differs', 'Different duration', `a: ${duration(x.duration_ms)}; b: ${duration(y.duration_ms)}`);
  }
  for (const [name, result] of [
    ['a', x],
    ['b', y],
  ] as const) {
    if (result.partial) say('doubt', `${name} is partial`, oneLine(result.status_reason, 200));
    if (result.generator.state === 'saturated' || result.generator.state === 'warn') {
      const state = GENERATOR_MARKS[result.generator.state].word;
      const reasons = oneLine(result.generator.reasons.slice(0, 2).join('; '), 200);
      say('doubt', `Load generator ${state} in ${name}`, reasons || 'the response times include its delays');
    }
  }
  const namesOf = (run: Result, other: Result) => {
    // The list of the other run is incomplete, so an endpoint may be missing there although it was called.
    if (other.left_out !== undefined && other.left_out.endpoints.length > 0) return [];
    const known = new Set(other.endpoints.map(({ name, method }) => `${method} ${name}`));
    return run.endpoints
      .filter(({ name, method }) => !known.has(`${method} ${name}`))
      .map(({ name }) => oneLine(name, 60));
  };
  for (const [name, names] of [
    ['a', namesOf(x, y)],
    ['b', namesOf(y, x)],
  ] as const) {
    if (names.length > 0) {
      const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
      say('doubt', `Endpoints only in ${name}`, `${names.slice(0, 5).join(', ')}${more}`);
    }
  }
  if (notes.every(({ level }) => level !== 'differs')) {
    say('info', 'Same setup', 'scenario, script, load, options, system under test, machine and k6 are the same');
  }
  if (!isKnownBuild(x.build_version) || !isKnownBuild(y.build_version)) {
    say(
      'info',
      'Build not known',
      'to compare builds over several runs, use --build, or let the system under test report its version',
    );
  } else if (x.build_version === y.build_version) {
    say(
      'info',
      'Same build',
      `both runs have build ${oneLine(x.build_version, 60)}; differences are the variation between runs`,
    );
  }
  return notes;
}
