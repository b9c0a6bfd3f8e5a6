// Two runs → every reason other than the build why their figures may differ.

import { isDeepStrictEqual } from 'node:util';
import { isKnownBuild } from '../model/build.ts';
import type { ComparisonNote } from '../model/comparison.ts';
import type { Result } from '../model/result.ts';
import { oneLine } from '../text/display-text.ts';
import { bytes, count, duration } from '../text/format.ts';
import type { KeptRun } from './kept-run.ts';

type Run = Pick<KeptRun, 'result' | 'scriptHash'>;

/** What is known of a run before it begins. */
export interface SetupOfRun {
  readonly result: Pick<Result, 'scenario' | 'profile' | 'options' | 'environment' | 'target_url' | 'machine'> & {
    readonly k6: Pick<Result['k6'], 'version'>;
  };
  /** Of the bundle; undefined where it is not known. */
  readonly scriptHash: string | undefined;
}
type Level = ComparisonNote['level'];

/** Load of one plan never lasts to the millisecond as long: graceful stops differ. */
const LEAST_LENGTH_DIFFERENCE = 0.05;

/** A local target, such as the demo's, has another port at every start. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, hostname, host, pathname } = new URL(url);
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  return `${protocol}//${isLocal ? hostname : host}${pathname}`;
}

/** Options that change what is measured; thresholds judge it, tags and ext name it. */
function loadOptions({ options }: Pick<Result, 'options'>): Record<string, unknown> {
  const { thresholds: _t, ext: _e, tags: _g, summaryTrendStats: _s, ...rest } = options;
  return rest;
}

function machineText({ machine }: Pick<Result, 'machine'>): string {
  return `${oneLine(machine.cpu, 60)}, ${count(machine.cores)} cores, ${bytes(machine.memory_bytes)}, ${oneLine(machine.os, 40)}`;
}

/** What two builds that were loaded together differ in on purpose. */
const APART = ['Another environment', 'Another target'];

/** As comparabilityNotes, of two builds that were loaded in one cycle. */
export function notesOfBoth(a: Run, b: Run): ComparisonNote[] {
  return comparabilityNotes(a, b).map((note) =>
    APART.includes(note.topic) ? { ...note, level: 'info' as const } : note,
  );
}

/** Why two runs do not do the same, as far as that is known before they begin; none where they do. */
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
      topic: 'Another script',
      text: 'the bundles differ: the script or its imports were changed',
    });
  }
  const options: ComparisonNote = {
    level: 'differs',
    topic: 'Different load or options',
    text: 'the options differ; see the difference below',
  };
  return [
    ...differing('differs', 'Another scenario', x.scenario, y.scenario),
    ...differing('differs', 'Another profile', x.profile, y.profile),
    ...script,
    ...(isDeepStrictEqual(loadOptions(x), loadOptions(y)) ? [] : [options]),
    ...differing('differs', 'Another environment', x.environment, y.environment),
    ...differing('differs', 'Another target', placeOf(x.target_url), placeOf(y.target_url)),
    ...differing('differs', 'Another machine', machineText(x), machineText(y)),
    ...differing('differs', 'Another k6', x.k6.version, y.k6.version),
  ];
}

function differing(level: Level, topic: string, from: string, to: string): ComparisonNote[] {
  if (from === to) return [];
  return [{ level, topic, text: `a: ${oneLine(from, 160) || 'none'}; b: ${oneLine(to, 160) || 'none'}` }];
}

/** Notes in the order of their weight. A pair without any level `differs` did the same. */
export function comparabilityNotes(a: Run, b: Run): ComparisonNote[] {
  const notes = differencesOfSetup(a, b);
  const say = (level: Level, topic: string, text: string) => notes.push({ level, topic, text });
  const [x, y] = [a.result, b.result];
  if (a.scriptHash === undefined || b.scriptHash === undefined) {
    say('doubt', 'Script not known', 'one of the runs kept no bundle, so the scripts cannot be compared');
  }
  notes.push(...differing('doubt', 'Another stream', x.k6.stream, y.k6.stream));
  notes.push(...differing('info', 'Another novaperf', x.novaperf_version, y.novaperf_version));
  const longest = Math.max(x.duration_ms, y.duration_ms);
  if (longest > 0 && Math.abs(x.duration_ms - y.duration_ms) / longest > LEAST_LENGTH_DIFFERENCE) {
    say('differs', 'Another length', `a: ${duration(x.duration_ms)}; b: ${duration(y.duration_ms)}`);
  }
  for (const [name, result] of [
    ['a', x],
    ['b', y],
  ] as const) {
    if (result.partial) say('doubt', `${name} is partial`, oneLine(result.status_reason, 200));
    if (result.generator.state === 'saturated' || result.generator.state === 'warn') {
      const state = result.generator.state === 'warn' ? 'strained' : 'saturated';
      const reasons = oneLine(result.generator.reasons.slice(0, 2).join('; '), 200);
      say('doubt', `Load generator ${state} in ${name}`, reasons || 'its own delays are part of the measured times');
    }
  }
  const namesOf = (run: Result, other: Result) => {
    // One that is not listed may still have been called.
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
    say('info', 'Alike', 'scenario, script, load, options, target, machine and k6 are the same');
  }
  if (!isKnownBuild(x.build_version) || !isKnownBuild(y.build_version)) {
    say(
      'info',
      'Build not known',
      'to compare builds over several runs, give --build or let the system under test report its version',
    );
  } else if (x.build_version === y.build_version) {
    say(
      'info',
      'The same build',
      `both runs have build ${oneLine(x.build_version, 60)}; differences are the variation between runs`,
    );
  }
  return notes;
}
