// The samples of one iteration, in k6's order, become its steps: requests, checks, metrics.

import { z } from 'zod';
import type { LogEntry } from '../k6/log.ts';
import { namedRecord } from '../model/named-record.ts';
import { EVERY_PROTOCOL, FAILED_BY_STATUS } from '../model/protocols.ts';
import type { ScriptException } from '../model/run.ts';
import { parseJson } from '../system/json.ts';
import { type Exchange, Exchanges } from './http-debug.ts';

/** A request of an iteration. */
export interface RequestStep {
  readonly kind: 'request';
  readonly name: string;
  /** '' if the protocol has none. */
  readonly method: string;
  /** `200`, for gRPC its own code; '0' or '': no response. */
  readonly status: string;
  readonly error: string;
  readonly group: string;
  /** Whether k6 counts it as failed. */
  isFailed: boolean;
  /** Epoch milliseconds of its end; `durationMs` and `connectMs` are before it. */
  readonly endedAtMs: number;
  /** Sending, waiting and receiving. */
  durationMs: number;
  /** Waiting for a connection, DNS, TCP and TLS. */
  connectMs: number;
  receiveMs: number;
  exchange?: Exchange;
}

/** A step of an iteration. */
export type Step =
  | RequestStep
  | { readonly kind: 'check'; readonly name: string; readonly passed: boolean; readonly group: string }
  | { readonly kind: 'metric'; readonly name: string; readonly value: number; readonly unit: '' | 'ms' | 'bytes' }
  | { readonly kind: 'group'; readonly name: string; readonly durationMs: number }
  | { readonly kind: 'log'; readonly level: string; readonly text: string };

/** The steps of one function of the script: setup, a k6 scenario (a journey), or teardown. */
export interface Lane {
  readonly name: string;
  readonly steps: Step[];
  /** Milliseconds; undefined if it did not end. */
  iterationMs: number | undefined;
}

/** One iteration, step by step. */
export interface Iteration {
  readonly lanes: readonly Lane[];
  readonly exceptions: readonly ScriptException[];
  /** k6's own warnings and errors, without exceptions. */
  readonly notes: readonly string[];
  /** Number of steps beyond the limit. */
  readonly left: number;
}

const lineSchema = z.union([
  z.object({ type: z.literal('Metric'), data: z.object({ name: z.string(), type: z.string(), contains: z.string() }) }),
  z.object({
    type: z.literal('Point'),
    metric: z.string(),
    data: z.object({ time: z.string(), value: z.number(), tags: namedRecord(z.string()).nullish() }),
  }),
]);

/** Maximum number of steps; a script with loops may have more. */
const MOST_STEPS = 500;
/** Built-in metrics that the steps already contain. */
const TAKEN_UP =
  /^(http_req_(failed|sending|waiting|connecting|tls_handshaking)|data_(sent|received)|iterations|vus(_max)?|dropped_iterations|ws_(connecting|sessions)|grpc_streams|browser_(data_.*|http_req_failed))$/;
/** One sample of these is one request; an HTTP request begins with a sample of http_reqs. */
const DURATIONS: readonly string[] = [
  ...EVERY_PROTOCOL.filter(({ id }) => id !== 'http').map(({ latency }) => latency),
  'browser_http_req_duration',
];

/** Reads the output of k6 with one iteration: samples on stdout, the log on stderr. */
export class IterationReader {
  readonly #lanes = new Map<string, Lane>();
  readonly #units = new Map<string, string>();
  readonly #exchanges = new Exchanges();
  /** Lines of console.log, each with the number of responses before it. */
  readonly #lines: { readonly after: number; readonly level: string; readonly text: string }[] = [];
  readonly #notes: string[] = [];
  #answers = 0;
  #steps = 0;
  #left = 0;
  #rest = '';

  push(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('utf8')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  /** Adds a log entry; returns false for one that may be an exception. */
  log(entry: LogEntry): boolean {
    if (this.#exchanges.add(entry)) {
      this.#answers = this.#exchanges.answered.length;
      return true;
    }
    if (entry.source === 'console') {
      this.#lines.push({ after: this.#answers, level: entry.level, text: entry.message });
      return true;
    }
    return false;
  }

  note(entry: LogEntry): void {
    if (!/^(warning|error|fatal|panic)$/.test(entry.level) || this.#notes.length >= 20) return;
    // The row of the request shows it.
    if (entry.message === 'Request Failed') return;
    const { error } = entry.fields;
    this.#notes.push(error === undefined ? entry.message : `${entry.message}: ${error}`);
  }

  get requests(): number {
    return this.#exchanges.all.length;
  }

  end(exceptions: readonly ScriptException[]): Iteration {
    this.#line(this.#rest);
    this.#match();
    this.#placeLines();
    return { lanes: [...this.#lanes.values()], exceptions, notes: this.#notes, left: this.#left };
  }

  #line(line: string): void {
    const parsed = lineSchema.safeParse(parseJson(line));
    if (!parsed.success) return;
    if (parsed.data.type === 'Metric') {
      const { name, type, contains } = parsed.data.data;
      this.#units.set(name, type === 'rate' ? 'rate' : contains);
      return;
    }
    const { metric, data } = parsed.data;
    this.#point(metric, data.value, Date.parse(data.time), data.tags ?? {});
  }

  #point(metric: string, value: number, timeMs: number, tags: Readonly<Record<string, string>>): void {
    const lane = this.#laneOf(tags);
    if (metric === 'iteration_duration') {
      lane.iterationMs = value;
      return;
    }
    const { name = '', method = '', status = '', error = '', group = '' } = tags;
    const last = lane.steps.findLast((step) => step.kind === 'request');
    if (metric === 'http_reqs' || DURATIONS.includes(metric)) {
      const durationMs = metric === 'http_reqs' ? 0 : value;
      const called = name === '' ? (tags.url ?? metric) : name;
      const isFailed =
        tags.expected_response === 'false' ||
        FAILED_BY_STATUS.some(({ latency, expected }) => latency === metric && status !== expected.status);
      this.#add(lane, {
        ...{ kind: 'request', name: called, method, status, error, group, isFailed },
        ...{ endedAtMs: timeMs, durationMs, connectMs: 0, receiveMs: 0 },
      });
    } else if (metric === 'http_req_duration' && last !== undefined) last.durationMs = value;
    else if (metric === 'http_req_blocked' && last !== undefined) last.connectMs = value;
    else if (metric === 'http_req_receiving' && last !== undefined) last.receiveMs = value;
    else if (metric === 'http_req_failed' && last !== undefined) last.isFailed = value === 1;
    else if (metric === 'checks')
      this.#add(lane, { kind: 'check', name: tags.check ?? '', passed: value === 1, group });
    else if (metric === 'group_duration') this.#add(lane, { kind: 'group', name: groupName(group), durationMs: value });
    else if (!TAKEN_UP.test(metric)) this.#add(lane, { kind: 'metric', name: metric, value, unit: this.#unit(metric) });
  }

  #unit(metric: string): '' | 'ms' | 'bytes' {
    const contains = this.#units.get(metric);
    return contains === 'time' ? 'ms' : contains === 'data' ? 'bytes' : '';
  }

  #laneOf({ scenario, group = '' }: Readonly<Record<string, string>>): Lane {
    const name = scenario ?? (group.startsWith('::teardown') ? 'teardown' : 'setup');
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { name, steps: [], iterationMs: undefined };
    this.#lanes.set(name, lane);
    return lane;
  }

  #add(lane: Lane, step: Step): void {
    if (this.#steps >= MOST_STEPS) this.#left++;
    else {
      this.#steps++;
      lane.steps.push(step);
    }
  }

  /** Matches samples with exchanges by the order of responses, because samples have neither request id nor URL. */
  #match(): void {
    const open = new Set(this.#exchanges.all);
    const inOrder = [...this.#exchanges.answered, ...this.#exchanges.all.filter(({ response }) => !response)];
    for (const lane of this.#lanes.values()) {
      const scenario = lane.name === 'setup' || lane.name === 'teardown' ? undefined : lane.name;
      for (const step of lane.steps) {
        if (step.kind !== 'request') continue;
        const found = inOrder.find(
          (each) =>
            open.has(each) &&
            each.scenario === scenario &&
            each.request.startLine.startsWith(`${step.method} `) &&
            statusOf(each) === step.status,
        );
        if (found === undefined) continue;
        open.delete(found);
        step.exchange = found;
      }
    }
  }

  /** Puts console lines after the last response before them. */
  #placeLines(): void {
    for (const { after, level, text } of this.#lines.toReversed()) {
      const previous = after === 0 ? undefined : this.#exchanges.answered[after - 1];
      const lane =
        [...this.#lanes.values()].find(({ steps }) =>
          previous === undefined ? true : steps.some((step) => step.kind === 'request' && step.exchange === previous),
        ) ?? this.#laneOf({ scenario: 'default' });
      const at = lane.steps.findIndex((step) => step.kind === 'request' && step.exchange === previous);
      const behindChecks = previous === undefined ? 0 : nextRequest(lane.steps, at);
      lane.steps.splice(behindChecks, 0, { kind: 'log', level, text });
    }
  }
}

/** The end of the checks and metrics of the request at `at`. */
function nextRequest(steps: readonly Step[], at: number): number {
  const next = steps.findIndex((step, index) => index > at && (step.kind === 'request' || step.kind === 'log'));
  return next === -1 ? steps.length : next;
}

function statusOf({ response }: Exchange): string {
  return response === undefined ? '0' : (/^HTTP\/\S+ (\d{3})/.exec(response.startLine)?.[1] ?? '');
}

/** `::fill the cart::first item` → `fill the cart › first item`. */
export function groupName(group: string): string {
  return group
    .split('::')
    .filter((part) => part !== '')
    .join(' › ');
}
