// Runs setup() and teardown() once on this machine around a load from several k6 processes. The data of setup() is passed to them
// in variables, and the samples of both go into the same stream.

import { randomBytes } from 'node:crypto';
import { ExceptionCounter } from '../../k6/exceptions.ts';
import type { K6 } from '../../k6/find.ts';
import { type K6End, launchK6 } from '../../k6/launch.ts';
import type { LogEntry } from '../../k6/log.ts';
import { HistogramsReader } from '../../metrics/histograms/histograms-reader.ts';
import { SamplesReader } from '../../metrics/samples/samples-reader.ts';
import { mergeFaults } from '../../metrics/sinks/faults.ts';
import type { StreamSink } from '../../metrics/sinks/sink.ts';
import { withoutSeries } from '../../metrics/sinks/without-setup.ts';
import { describeK6Exit, K6_EXIT } from '../../model/k6-exit-codes.ts';
import type { Series, StreamFaults, TimeRange } from '../../model/metrics.ts';
import { unionOf } from '../../model/time-range.ts';
import type { Bundle } from '../../scenario/bundle.ts';
import type { AroundLoad, PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { DATA_VARIABLE, IDLE_TAG, WORD_VARIABLE } from '../../scenario/setup-data.ts';
import { durationMs } from '../../system/duration.ts';
import { UserError } from '../../system/errors.ts';
import { EXIT } from '../../system/exit-codes.ts';
import type { Interrupt } from '../../system/interrupt.ts';
import { withoutLoad, withoutLoadVariables } from '../../verify/trial.ts';

/** Linux allows at most 128 KiB per variable. */
const PART_LENGTH = 100_000;
const DEFAULT_TIMEOUT_MS = 60_000;
/** Added to the script's own timeout, which k6 applies: time to load the script and to end. */
const SLACK_MS = 60_000;
/** Exit codes of k6 after a complete setup(); `markedAsFailed` is that of test.fail(). */
const RAN: readonly (number | null)[] = [0, K6_EXIT.markedAsFailed];

/** The script, its variables and the sink of its samples. */
export interface SetupOnceOptions {
  readonly scenario: PreparedScenario;
  readonly around: AroundLoad;
  readonly k6: K6;
  /** Variables of the script. */
  readonly variables: Readonly<Record<string, string>>;
  /** Takes the samples of setup() and teardown(). */
  readonly sink: StreamSink;
  readonly onLog: (entry: LogEntry) => void;
  readonly interrupt: Interrupt;
}

/** setup() and teardown() of one run; call setup() first. */
export class SetupOnce {
  /** Time span of all samples; undefined without samples. */
  span: TimeRange | undefined;
  /** Faults of both streams. */
  faults: StreamFaults | undefined;
  /** k6's exit code: of teardown() if it failed, else of setup(). */
  exitCode = 0;
  readonly #options: SetupOnceOptions;
  #data: Readonly<Record<string, string>> = {};
  #requests = 0;
  #running: { stop(): void } | undefined;
  readonly #stopListening: () => void;

  constructor(options: SetupOnceOptions) {
    this.#options = options;
    this.#stopListening = options.interrupt.onRequest(() => {
      this.#requests++;
      this.#running?.stop();
      // The first request to stop ended the load; the k6 of teardown() gets the second as its first, which it ignores.
      if (this.#requests > 1) this.#running?.stop();
    });
  }

  /** Returns the variables with the data. Throws a UserError if setup() failed or was interrupted. */
  async setup(): Promise<Readonly<Record<string, string>>> {
    const { around } = this.#options;
    if (around.setup === undefined) return {};
    const word = randomBytes(12).toString('hex');
    let text = '';
    let isWhole = false;
    const thrown = new ExceptionCounter();
    let lastError: LogEntry | undefined;
    const end = await this.#run(around.setup, { [WORD_VARIABLE]: word }, 'setupTimeout', (entry) => {
      const { message } = entry;
      if (message.startsWith(`${word}+`)) text += message.slice(word.length + 1);
      else if (message === `${word}.`) isWhole = true;
      else {
        thrown.add(entry);
        if (entry.source !== 'console' && /^(error|fatal)$/.test(entry.level)) lastError = entry;
        this.#options.onLog(entry);
      }
    });
    if (!RAN.includes(end.exitCode) || !isWhole) throw this.#failure(end, thrown, lastError);
    this.exitCode = end.exitCode ?? 0;
    const parts = Array.from({ length: Math.ceil(text.length / PART_LENGTH) }, (_, part) => [
      `${DATA_VARIABLE}${part}`,
      text.slice(part * PART_LENGTH, (part + 1) * PART_LENGTH),
    ]);
    this.#data = Object.fromEntries(parts);
    return this.#data;
  }

  /** Does not reject for errors of the script, which are in k6's exit code and log. Returns a sentence if it did not run. */
  async teardown(): Promise<string | undefined> {
    const { around, onLog } = this.#options;
    try {
      if (around.teardown === undefined) return undefined;
      if (this.#requests > 1) return 'teardown() did not run, because of a second interrupt';
      const end = await this.#run(around.teardown, this.#data, 'teardownTimeout', onLog);
      if (end.exitCode === 0) return undefined;
      this.exitCode = end.exitCode ?? K6_EXIT.externalAbort;
      return `teardown() failed: ${describeK6Exit(end.exitCode, end.signal)}`;
    } finally {
      this.#stopListening();
    }
  }

  async #run(
    script: Bundle,
    variables: Readonly<Record<string, string>>,
    timeout: 'setupTimeout' | 'teardownTimeout',
    onLog: (entry: LogEntry) => void,
  ): Promise<K6End> {
    const { scenario, k6 } = this.#options;
    const stream = k6.hasHistograms && scenario.needsOtherK6 !== true ? 'histograms' : 'samples';
    const sink = withoutIdle(this.#options.sink);
    const reader =
      stream === 'histograms'
        ? new HistogramsReader(sink, () => {}, { bins: 'encoded' })
        : new SamplesReader(sink, { startedAtMs: Date.now() });
    const running = await launchK6({
      k6,
      script,
      variables: { ...this.#options.variables, ...variables },
      env: withoutLoadVariables(timeout === 'setupTimeout' ? withDataPrinted(scenario.k6Env) : scenario.k6Env),
      args: withoutLoad(timeout === 'setupTimeout' ? withoutDataHidden(scenario.k6Args) : scenario.k6Args),
      stream,
      onStdout: (chunk) => reader.push(chunk),
      onLog,
    });
    this.#running = running;
    const timeoutMs = durationMs(String(scenario.plan.options[timeout] ?? '')) ?? DEFAULT_TIMEOUT_MS;
    const timer = setTimeout(() => running.stop(), timeoutMs + SLACK_MS);
    const end = await running.ended.finally(() => clearTimeout(timer));
    this.#running = undefined;
    const faults = reader.end();
    this.faults = this.faults === undefined ? faults : mergeFaults(this.faults, faults);
    this.span = unionOf([this.span, reader.span]);
    return end;
  }

  #failure({ exitCode, signal }: K6End, thrown: ExceptionCounter, lastError: LogEntry | undefined): UserError {
    const { scenario, interrupt } = this.#options;
    const where = scenario.plan.scriptPath;
    if (interrupt.isRequested) {
      return new UserError('Interrupted in setup(). Nothing was sent to the cluster.', {
        where,
        exitCode: EXIT.interrupted,
      });
    }
    const [exception] = thrown.exceptions();
    const why = exception?.message ?? lastError?.message ?? describeK6Exit(exitCode, signal);
    return new UserError(`Expected setup() to finish on this machine, found: ${why}`, {
      where: exception?.where ?? where,
      next: 'with --setup-once this machine must reach the hosts that setup() calls, and variables come from -e and env, not from env_from_secrets; nothing was sent to the cluster',
      exitCode: exitCode === 0 || exitCode === null ? EXIT.scriptException : exitCode,
    });
  }
}

/** Without the one iteration that k6 needs, and without the health of a k6 that makes no load. */
function withoutIdle(sink: StreamSink): StreamSink {
  const isIdle = ({ metric, tags }: Series) =>
    tags[IDLE_TAG] !== undefined || metric.name === 'vus' || metric.name === 'vus_max';
  return { ...withoutSeries(sink, isIdle), health() {} };
}

/** Makes teardown() print the data of setup() to the console. */
function withDataPrinted(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const hiding = ['K6_CONSOLE_OUTPUT', 'K6_NO_TEARDOWN'];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !hiding.includes(name)));
}

function withoutDataHidden(args: readonly string[]): string[] {
  return args.filter(
    (word, index) => !/^--(no-teardown|console-output)(=|$)/.test(word) && args[index - 1] !== '--console-output',
  );
}
