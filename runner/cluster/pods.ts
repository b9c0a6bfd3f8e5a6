// Reads the state of the runner pods of a TestRun from the API's list: where each stands, how it ended, and why.

import { z } from 'zod';
import { K6_EXIT } from '../model/k6-exit-codes.ts';
import { namedRecord } from '../model/named-record.ts';

const terminatedSchema = z.looseObject({
  exitCode: z.number(),
  signal: z.number().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

const podSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    labels: namedRecord(z.string()).optional(),
    deletionTimestamp: z.string().nullish(),
  }),
  spec: z.looseObject({ nodeName: z.string().optional() }).optional(),
  status: z
    .looseObject({
      phase: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      conditions: z
        .array(
          z.looseObject({
            type: z.string(),
            status: z.string(),
            reason: z.string().optional(),
            message: z.string().optional(),
          }),
        )
        .optional(),
      containerStatuses: z
        .array(
          z.looseObject({
            name: z.string(),
            state: z
              .looseObject({
                waiting: z.looseObject({ reason: z.string().optional(), message: z.string().optional() }).optional(),
                running: z.looseObject({ startedAt: z.string().nullish() }).optional(),
                terminated: terminatedSchema.optional(),
              })
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

const podListSchema = z.looseObject({ items: z.array(podSchema) });

export interface RunnerPod {
  readonly name: string;
  /** Number of the runner from 1, as in the operator's names. */
  readonly runner: number;
  readonly node: string | undefined;
  readonly container: string;
  readonly state: 'pending' | 'running' | 'ended';
  /** Why it is pending: the scheduler's reason, or that of the image. */
  readonly waitsFor: string | undefined;
  /** null: unknown, for example after an eviction. undefined: not ended. */
  readonly exitCode: number | null | undefined;
  /** Why it did not end normally, as a clause. */
  readonly problem: string | undefined;
  /** Why the container could not start, as given by the cluster. */
  readonly startError: string | undefined;
}

/** The runners among the pods in an API response, by number; undefined if it is not a list of pods. */
export function runnerPods(body: unknown, testRun: string): RunnerPod[] | undefined {
  const list = podListSchema.safeParse(body);
  if (!list.success) return undefined;
  return list.data.items
    .flatMap((pod) => {
      const runner = runnerNumber(pod.metadata.name, testRun);
      return runner === undefined ? [] : [podOf(pod, runner)];
    })
    .sort((a, b) => a.runner - b.runner);
}

/** Runner jobs are called `<testrun>-<number>`; `<testrun>-starter-…` and `<testrun>-initializer-…` are not runners. */
function runnerNumber(pod: string, testRun: string): number | undefined {
  if (!pod.startsWith(`${testRun}-`)) return undefined;
  const number = /^(\d+)-/.exec(pod.slice(testRun.length + 1))?.[1];
  return number === undefined ? undefined : Number(number);
}

type Pod = z.infer<typeof podSchema>;

function podOf({ metadata, spec, status }: Pod, runner: number): RunnerPod {
  const container = status?.containerStatuses?.[0];
  const terminated = container?.state?.terminated;
  const hasFailed = status?.phase === 'Failed' || status?.phase === 'Succeeded';
  const hasEnded = terminated !== undefined || hasFailed;
  const isRunning = container?.state?.running !== undefined;
  return {
    name: metadata.name,
    runner,
    node: spec?.nodeName,
    container: container?.name ?? 'k6',
    state: hasEnded ? 'ended' : isRunning ? 'running' : 'pending',
    waitsFor: hasEnded || isRunning ? undefined : waitsFor(status),
    exitCode: hasEnded ? (terminated?.exitCode ?? null) : undefined,
    problem: hasEnded ? problemOf(status, terminated) : undefined,
    startError: terminated?.reason === 'StartError' ? (terminated.message ?? terminated.reason) : undefined,
  };
}

function waitsFor(status: Pod['status']): string | undefined {
  const waiting = status?.containerStatuses?.[0]?.state?.waiting;
  if (waiting?.reason !== undefined && waiting.reason !== 'ContainerCreating') {
    return [waiting.reason, waiting.message].filter((text) => text !== undefined && text !== '').join(': ');
  }
  const scheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  return scheduled === undefined ? undefined : [scheduled.reason, scheduled.message].filter(Boolean).join(': ');
}

const KILLED = 137;
/** k6 received a signal to end, which novaperf does not send. */
const TERMINATED = K6_EXIT.externalAbort;

function problemOf(
  status: Pod['status'],
  terminated: z.infer<typeof terminatedSchema> | undefined,
): string | undefined {
  if (status?.reason !== undefined && status.reason !== '') {
    return `the pod was ended by the cluster: ${[status.reason, status.message].filter(Boolean).join(': ')}`;
  }
  const disruption = status?.conditions?.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True');
  if (disruption !== undefined) {
    return `the pod was ended by the cluster: ${[disruption.reason, disruption.message].filter(Boolean).join(': ')}`;
  }
  if (terminated === undefined) return 'the pod ended and left no exit code';
  if (terminated.reason === 'OOMKilled')
    return 'k6 ran out of memory and was killed (OOMKilled): raise its memory limit, or use more runners';
  if (terminated.exitCode === KILLED) return 'k6 was killed by a signal (exit code 137)';
  if (terminated.exitCode === TERMINATED) return 'k6 was stopped by a signal from outside novaperf (exit code 105)';
  return undefined;
}

/** What pending runners wait for, each reason once. */
export function pendingReasons(pods: readonly RunnerPod[]): string[] {
  const waiting = pods.filter(({ state }) => state === 'pending');
  return [...new Set(waiting.map(({ waitsFor }) => waitsFor ?? 'the cluster gives no reason'))];
}
