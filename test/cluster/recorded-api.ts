// Replays the recorded answers of a real cluster's API, in their order.

import { readFileSync } from 'node:fs';
import { type KubeAnswer, type KubeApi, KubeUnreachable } from '../../runner/cluster/kube-api.ts';

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

export interface Conversation {
  readonly exchanges: readonly Exchange[];
  /** The whole log of each pod as the API gave it with timestamps, by the pod's name. */
  readonly logs: Readonly<Record<string, string>>;
}

export function conversation(name: string): Conversation {
  const parsed: unknown = JSON.parse(
    readFileSync(new URL(`../fixtures/cluster/${name}.json`, import.meta.url), 'utf8'),
  );
  if (typeof parsed !== 'object' || parsed === null || !('exchanges' in parsed) || !('logs' in parsed)) {
    throw new Error(`${name}.json is no recording`);
  }
  return { exchanges: parsed.exchanges as Exchange[], logs: parsed.logs as Record<string, string> };
}

/** Records what a real API answers. */
export class RecordingApi implements KubeApi {
  readonly exchanges: Exchange[] = [];
  readonly logs: Record<string, string> = {};

  constructor(private readonly real: KubeApi) {}

  async request(...[method, path, body, options]: Parameters<KubeApi['request']>): Promise<KubeAnswer> {
    const answer = await this.real.request(method, path, body, options);
    const last = this.exchanges.at(-1);
    const recorded = { method, path, status: answer.status, body: withoutNoise(answer.body) };
    // A poll without changes.
    if (JSON.stringify(last) !== JSON.stringify(recorded)) this.exchanges.push(recorded);
    return answer;
  }

  async follow(...[path, onChunk, signal]: Parameters<KubeApi['follow']>): Promise<number> {
    const pod = podIn(path);
    return this.real.follow(
      path,
      (chunk) => {
        this.logs[pod] = (this.logs[pod] ?? '') + chunk.toString('utf8');
        onChunk(chunk);
      },
      signal,
    );
  }
}

/** Faults of the replayed cluster. */
export interface Misbehaviour {
  /** From this poll of the pods on, this many find no API server. */
  readonly away?: { readonly from: number; readonly looks: number };
  /** Each connection of a log breaks after this many bytes. */
  readonly breakEvery?: number;
  /** Seconds of this runner's log that were rotated away before they were read. */
  readonly rotated?: { readonly runner: number; readonly fromByte: number; readonly bytes: number };
  /** Each answer about the pods is repeated this many times, as in a longer run. */
  readonly repeat?: number;
  /** The clock of this runner is off by this much. */
  readonly skewed?: { readonly runner: number; readonly aheadMs: number };
}

export class ReplayedApi implements KubeApi {
  /** Every request, in order. */
  readonly asked: string[] = [];
  readonly #polls: readonly Exchange[];
  #looks = 0;
  #answered = 0;

  constructor(
    private readonly recording: Conversation,
    private readonly misbehaviour: Misbehaviour = {},
  ) {
    this.#polls = recording.exchanges.filter(({ method, path }) => method === 'GET' && path.includes('/pods?'));
  }

  async request(method: string, path: string): Promise<KubeAnswer> {
    this.asked.push(`${method} ${path}`);
    if (method === 'GET' && path.includes('/pods?')) return this.#pods();
    const found = this.recording.exchanges.find((each) => each.method === method && each.path === path);
    const { skewed } = this.misbehaviour;
    // The recording has no clocks.
    if (found !== undefined && skewed === undefined)
      return { status: found.status, body: found.body, dateMs: undefined };
    const aheadMs = skewed !== undefined && path.includes(`-service-${skewed.runner}:`) ? skewed.aheadMs : 0;
    return { status: 200, body: {}, dateMs: Math.floor((Date.now() + aheadMs) / 1000) * 1000 };
  }

  async follow(path: string, onChunk: (chunk: Buffer) => void): Promise<number> {
    this.asked.push(`LOG ${path}`);
    const whole = Buffer.from(this.#logOf(podIn(path)));
    const since = /sinceTime=([^&]+)/.exec(path)?.[1];
    const text = since === undefined ? whole : from(whole, decodeURIComponent(since));
    const { breakEvery } = this.misbehaviour;
    if (breakEvery !== undefined && text.length > breakEvery) {
      onChunk(text.subarray(0, breakEvery));
      throw new KubeUnreachable('socket hang up');
    }
    for (let at = 0; at < text.length; at += 1000) onChunk(text.subarray(at, at + 1000));
    return 200;
  }

  #pods(): KubeAnswer {
    const look = this.#looks++;
    const { away } = this.misbehaviour;
    if (away !== undefined && look >= away.from && look < away.from + away.looks)
      throw new KubeUnreachable('connect ECONNREFUSED');
    const at = Math.floor(this.#answered++ / (this.misbehaviour.repeat ?? 1));
    const found = this.#polls[Math.min(at, this.#polls.length - 1)];
    return { status: found?.status ?? 404, body: found?.body, dateMs: undefined };
  }

  #logOf(pod: string): string {
    const log = this.recording.logs[pod] ?? '';
    const { rotated } = this.misbehaviour;
    if (rotated === undefined || !new RegExp(`-${rotated.runner}-[a-z0-9]+$`).test(pod)) return log;
    const lineEnd = (at: number) => log.indexOf('\n', at) + 1;
    return log.slice(0, lineEnd(rotated.fromByte)) + log.slice(lineEnd(rotated.fromByte + rotated.bytes));
  }
}

function podIn(path: string): string {
  return /\/pods\/([^/]+)\/log/.exec(path)?.[1] ?? '';
}

/** As in the API: lines of this second and later. */
function from(log: Buffer, since: string): Buffer {
  const lines = log.toString('utf8').split('\n');
  return Buffer.from(
    lines
      .filter((line) => line.slice(0, 19) >= since.slice(0, 19))
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** Without fields that change every second and fields that are not read. */
function withoutNoise(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withoutNoise);
  if (typeof body !== 'object' || body === null) return body;
  const noise = new Set([
    'managedFields',
    'resourceVersion',
    'volumes',
    'volumeMounts',
    'tolerations',
    'ownerReferences',
    'env',
    'envFrom',
    'annotations',
    'data',
    'stringData',
  ]);
  return Object.fromEntries(
    Object.entries(body)
      .filter(([name]) => !noise.has(name))
      .map(([name, value]) => [name, withoutNoise(value)]),
  );
}
