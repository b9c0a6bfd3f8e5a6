// One iteration of a prepared scenario on the real system before any load, as a check.

import { z } from 'zod';
import { ExceptionCounter } from '../k6/exceptions.ts';
import type { K6 } from '../k6/find.ts';
import { launchK6 } from '../k6/launch.ts';
import { SamplesReader } from '../metrics/samples/samples-reader.ts';
import { MetricsStore } from '../metrics/store/store.ts';
import type { RunMetrics } from '../model/metrics.ts';
import { type Found, failed, passed, warning } from '../model/preflight-check.ts';
import { EVERY_PROTOCOL, nameWithMethod } from '../model/protocols.ts';
import type { ScriptException } from '../model/run.ts';
import { bundleScript } from '../scenario/bundle.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';
import { isRaw } from '../scenario/raw-script.ts';
import { TRIAL_MS } from '../scenario/trial.ts';
import type { Interrupt } from '../system/interrupt.ts';
import { parseJson } from '../system/json.ts';
import { count, duration, plural } from '../text/format.ts';

/** Id and title of the check. */
export const TRIAL_CHECK = ['trial', 'One iteration'] as const;

/** Adds 60 s each for setup() and teardown(), k6's default limit. */
const STOP_AFTER_MS = TRIAL_MS + 120_000;
/** Number of kept bytes of the stream; the first response is near the beginning. */
const HEAD_BYTES = 256 * 1024;

/** What to try. */
export interface Trial {
  readonly scenario: PreparedScenario;
  readonly k6: K6;
  /** URL of the system; '' if only the script has it. */
  readonly url: string;
  readonly interrupt: Interrupt;
}

/** The result of one iteration. */
export interface Tried {
  readonly metrics: RunMetrics;
  readonly exceptions: readonly ScriptException[];
  readonly first: FirstAnswer | undefined;
  /** Exit code of k6; null after a signal. */
  readonly exitCode: number | null;
  readonly wasStopped: boolean;
}

/** The response to the first request that k6 measured. */
export interface FirstAnswer {
  readonly name: string;
  readonly method: string;
  /** '0': no response. */
  readonly status: string;
  readonly error: string;
  readonly durationMs: number;
}

/**
 * Runs every function of the script's scenarios once with one VU in k6, and writes no files. Throws a UserError if k6 cannot be
 * started.
 */
export async function tryOnce({ scenario, k6, url, interrupt }: Trial): Promise<Tried> {
  const { bundle, plan, env, k6Args } = scenario;
  const isWhole = plan.typed || isRaw(plan.scriptPath);
  const script = isWhole
    ? bundle
    : await bundleScript(plan.scriptPath, { override: { flags: { trial: true }, of: bundle } });
  const store = new MetricsStore({ timeline: true });
  const reader = new SamplesReader(store.sink);
  const exceptions = new ExceptionCounter();
  const head: Buffer[] = [];
  let headBytes = 0;
  const running = await launchK6({
    k6,
    script,
    variables: { ...env, NOVAPERF_TRIAL: '1', ...(url === '' ? {} : { BASE_URL: url }) },
    // Writes no files, not even by outputs of the user.
    env: { ...withoutLoadVariables(scenario.k6Env), K6_OUT: '', K6_CONSOLE_OUTPUT: '' },
    // Flags override the scenarios of a script that cannot be bundled.
    args: [...trialFlags(k6Args), ...(isRaw(plan.scriptPath) ? ['--vus', '1', '--iterations', '1'] : [])],
    stream: 'samples',
    onStdout: (chunk) => {
      reader.push(chunk);
      if (headBytes < HEAD_BYTES) head.push(chunk);
      headBytes += chunk.length;
    },
    onLog: (entry) => exceptions.add(entry),
  });
  let wasStopped = false;
  const stop = () => {
    wasStopped = true;
    running.stop();
  };
  const timer = setTimeout(stop, STOP_AFTER_MS);
  const stopListening = interrupt.onRequest(stop);
  const end = await running.ended.finally(() => {
    clearTimeout(timer);
    stopListening();
  });
  store.end(reader.end());
  return {
    metrics: store,
    exceptions: exceptions.exceptions(),
    first: firstAnswer(Buffer.concat(head).toString('utf8')),
    exitCode: end.exitCode,
    wasStopped,
  };
}

/** Flags of `k6 run` that set the load: a trial has its own. */
const LOAD = /^--(?:vus|duration|iterations|stage|execution-segment|execution-segment-sequence)(?:=|$)/;
const OUTPUTS = /^--(?:out|console-output)(?:=|$)/;

/** The user's flags, with long names, without those that set the load. */
export function withoutLoad(args: readonly string[]): string[] {
  return withoutFlags(LOAD, args);
}

/** The user's flags for a trial: without load and without outputs. */
export function trialFlags(args: readonly string[]): string[] {
  return withoutFlags(OUTPUTS, withoutLoad(args));
}

function withoutFlags(flags: RegExp, args: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    if (!flags.test(word)) kept.push(word);
    else if (!word.includes('=')) index++;
  }
  return kept;
}

const LOAD_VARIABLES: ReadonlySet<string> = new Set(['K6_VUS', 'K6_DURATION', 'K6_ITERATIONS', 'K6_STAGES']);

/** The environment without variables that override a script's scenarios and so the single iteration of a trial. */
export function withoutLoadVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !LOAD_VARIABLES.has(name)));
}

const answerSchema = z.object({
  metric: z.literal('http_req_duration'),
  type: z.literal('Point'),
  data: z.object({
    value: z.number(),
    tags: z.record(z.string(), z.string()),
  }),
});

function firstAnswer(stream: string): FirstAnswer | undefined {
  for (const line of stream.split('\n')) {
    if (!line.startsWith('{"metric":"http_req_duration"')) continue;
    const { data } = answerSchema.safeParse(parseJson(line));
    if (data === undefined) continue;
    const { name = '', method = '', status = '0', error = '' } = data.data.tags;
    return { name, method, status, error, durationMs: data.data.value };
  }
  return undefined;
}

/** Metrics of k6 that count requests of some protocol. */
const REQUESTS = [...EVERY_PROTOCOL.map(({ counted }) => counted), 'browser_http_req_duration'];

/**
 * Whether the result is plausible: the iteration ended, nothing was thrown, no request failed, every check passed. A script
 * without measured requests is a warning, because it may use a protocol of an extension.
 */
export function plausible({ metrics, exceptions, first, exitCode, wasStopped }: Tried): Found {
  const [thrown] = exceptions;
  const said = first === undefined ? '' : ` The first request got: ${answerText(first)}.`;
  if (thrown !== undefined) {
    const where = thrown.where === null ? '' : ` at ${thrown.where}`;
    return failed(
      `Expected one iteration to finish without an exception, found ${thrown.message} in ${thrown.stage}${where}.${said}`,
      'correct the script, or check the answers of the system under test',
    );
  }
  if (wasStopped) return failed(`Expected one iteration to finish, found that it was stopped.${said}`);
  if (exitCode !== 0) return failed(`Expected k6 to end with code 0, found ${exitCode ?? 'a signal'}.${said}`);
  if ((metrics.total('iterations')?.sum ?? 0) === 0) {
    return failed(`Expected one iteration to finish within ${TRIAL_MS / 1000} s, found it still running.${said}`);
  }
  const bad = failedRequests(metrics);
  if (bad.length > 0) {
    return failed(
      `Expected every request of one iteration to succeed, found ${bad.slice(0, 3).join('; ')}${bad.length > 3 ? `; ${bad.length - 3} more` : ''}.${said}`,
      'check whether the system under test is ready for this scenario: its data, users and paths',
    );
  }
  const checks = failedChecks(metrics);
  if (checks.length > 0) {
    return failed(
      `Expected every check of one iteration to pass, found failing: ${checks.slice(0, 3).join('; ')}${checks.length > 3 ? `; ${checks.length - 3} more` : ''}.${said}`,
      'check the answers of the system under test, and the checks of the script',
    );
  }
  const requests = REQUESTS.reduce((sum, name) => sum + requestsOf(metrics, name), 0);
  if (requests === 0)
    return warning('the iteration sent no request that k6 measures', 'check whether the script reaches its requests');
  const made = metrics.total('checks')?.count ?? 0;
  return passed(
    `${plural(requests, 'request')}, none failed; ${plural(made, 'check')}${made === 0 ? '' : ', all passed'}.${said}`,
  );
}

function requestsOf(metrics: RunMetrics, name: string): number {
  const total = metrics.total(name);
  if (total === undefined) return 0;
  return total.type === 'counter' ? total.sum : total.count;
}

/** `GET /a → 503`, `GET /a → no response (connection refused)`. */
function exchangeText({ name, method, status, error }: Omit<FirstAnswer, 'durationMs'>): string {
  const request = nameWithMethod({ name, method });
  const answer = status === '0' || status === '' ? `no response${error === '' ? '' : ` (${error})`}` : status;
  return `${request} → ${answer}`;
}

function answerText(first: FirstAnswer): string {
  return `${exchangeText(first)} in ${duration(first.durationMs)}`;
}

function failedRequests(metrics: RunMetrics): string[] {
  return metrics.groupBy('http_req_failed', ['name', 'method', 'status', 'error']).flatMap(({ tags, aggregate }) => {
    if (aggregate.sum === 0) return [];
    const { name = '', method = '', status = '', error = '' } = tags;
    const times = aggregate.sum > 1 ? `, ${count(aggregate.sum)} times` : '';
    return [`${exchangeText({ name, method, status, error })}${times}`];
  });
}

function failedChecks(metrics: RunMetrics): string[] {
  return metrics
    .groupBy('checks', ['check'])
    .flatMap(({ tags, aggregate }) => (aggregate.sum < aggregate.count ? [`"${tags.check ?? ''}"`] : []));
}
