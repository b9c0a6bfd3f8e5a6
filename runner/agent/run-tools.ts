// Tools that plan and run: plan, run_cycle, and a cycle over several calls with begin_cycle and close_cycle.

import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { completionSchema } from '../model/completion.ts';
import { PROFILES } from '../model/plan.ts';
import { UserError } from '../system/errors.ts';
import { type AgentProject, answer, carriedOut, completed, toolError } from './answers.ts';
import { ownDocument } from './own-command.ts';

const runArguments = {
  scenarios: z.array(z.string().min(1)).default([]).describe('names or paths of k6 scripts; none: all of the profile'),
  profile: z.enum(PROFILES).optional().describe('default: load'),
  duration: z.string().optional().describe('length of the whole profile, such as 90s or 5m'),
  vus: z.number().int().positive().optional().describe('virtual users that the profile scales'),
  rate: z.number().positive().optional().describe('iterations per second that the profile scales'),
  env: z.string().optional().describe('environment of ProjectConfig'),
  base_url: z.string().optional().describe('put the load on this target, instead of env'),
  build: z.string().optional().describe('version of the build under test'),
};

const cycleArguments = {
  ...runArguments,
  verify: z.boolean().default(false).describe('one iteration of each scenario first'),
  push: z.boolean().default(false).describe('send the records to the ConPort server afterwards'),
  trigger: z.string().optional().describe('requested, acceptance-criteria, health-check, or a sentence'),
  requested_by: z.string().optional(),
  cycle: z.number().int().positive().optional().describe('make the run part of the cycle that begin_cycle opened'),
};

const beginArguments = {
  scenarios: z.array(z.string().min(1)).default([]).describe('scenarios that later calls will run, for the plan'),
  profile: runArguments.profile,
  env: runArguments.env,
  base_url: runArguments.base_url,
  build: runArguments.build,
  component: z.string().min(1).optional(),
  parent_progress: z
    .string()
    .regex(/^(server:)?[1-9]\d*$/)
    .optional()
    .describe('progress item that asked for the cycle: 7, or server:7 for one of the ConPort server'),
  push: cycleArguments.push,
  trigger: cycleArguments.trigger,
  requested_by: cycleArguments.requested_by,
};

/** The answer of begin_cycle. */
const begunSchema = z.looseObject({
  cycle: z.number().describe('the id for run_cycle and close_cycle'),
  progress: z.looseObject({ local: z.number(), server: z.number().nullable() }),
  decision: z.looseObject({ local: z.number(), server: z.number().nullable() }),
  plan: z.string(),
  next: z.array(z.string()),
});

type CycleArguments = z.infer<z.ZodObject<typeof cycleArguments>>;
type BeginArguments = z.infer<z.ZodObject<typeof beginArguments>>;

function flagsOf(args: Partial<CycleArguments & BeginArguments>, { conport, out }: AgentProject): string[] {
  const valued = [
    ['--profile', args.profile],
    ['--duration', args.duration],
    ['--vus', args.vus],
    ['--rate', args.rate],
    ['--env', args.env],
    ['--base-url', args.base_url],
    ['--build', args.build],
    ['--trigger', args.trigger],
    ['--requested-by', args.requested_by],
    ['--cycle', args.cycle],
    ['--component', args.component],
    ['--parent-progress', args.parent_progress],
    ['--conport', conport],
    ['--out', out],
  ] as const;
  const flags = valued.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag}=${value}`]));
  if (args.verify === true) flags.push('--verify');
  if (args.push === true) flags.push('--push');
  return [...flags, ...(args.scenarios ?? []).map(scenarioName)];
}

function scenarioName(name: string): string {
  if (!name.startsWith('-')) return name;
  throw toolError(
    new UserError(`Expected the name of a scenario, found "${name}".`, { next: 'list_scenarios lists the names' }),
  );
}

/** Interval of progress messages: clients may end a request that is silent for a minute. */
const BEAT_MS = 5000;

/** Adds plan and run_cycle. */
export function addRunning(server: McpServer, project: AgentProject): void {
  const { dir } = project;
  server.registerTool(
    'plan',
    {
      description:
        'What run_cycle with the same arguments would do: scenarios, load, targets and checks. Sends no load.',
      inputSchema: z.strictObject(runArguments),
      annotations: { readOnlyHint: true },
    },
    async (args, { signal }) =>
      answer(await ownDocument(['run', ...flagsOf(args, project), '--dry-run'], { cwd: dir, signal })),
  );
  let busy = false;
  server.registerTool(
    'run_cycle',
    {
      description:
        'Runs a performance test cycle: verify, load, judge, report, record. Gives the completion document. Takes as long as the ' +
        'profile; cancelling stops the load gracefully and still reports it. One cycle at a time.',
      inputSchema: z.strictObject(cycleArguments),
      outputSchema: completionSchema,
      annotations: { destructiveHint: true, openWorldHint: true },
    },
    async (args, extra) => {
      const flags = ['run', ...flagsOf(args, project)];
      if (busy) throw new Error('Another cycle of this server is running. Wait for it, or cancel it.');
      busy = true;
      try {
        const startedMs = performance.now();
        const token = extra._meta?.progressToken;
        const send = (message: string) => {
          if (token === undefined || extra.signal.aborted) return;
          const progress = Math.round((performance.now() - startedMs) / 100) / 10;
          extra
            .sendNotification({ method: 'notifications/progress', params: { progressToken: token, progress, message } })
            .catch(() => undefined);
        };
        let last = 'starting';
        const beat = setInterval(() => send(last), BEAT_MS);
        try {
          const onLine = (line: string) => {
            last = line;
            send(line);
          };
          return completed(await ownDocument(flags, { cwd: dir, onLine, signal: extra.signal }));
        } finally {
          clearInterval(beat);
        }
      } finally {
        busy = false;
      }
    },
  );
}

/** Adds begin_cycle and close_cycle, for a cycle over several calls of run_cycle. */
export function addOpenCycles(server: McpServer, project: AgentProject): void {
  const { dir, conport, out } = project;
  server.registerTool(
    'begin_cycle',
    {
      description:
        'Opens a cycle over several run_cycle calls: the main Progress, the Decision and the plan. Sends no load. Gives the id that ' +
        'run_cycle takes as cycle; close_cycle ends it. Not needed for a cycle of one call.',
      inputSchema: z.strictObject(beginArguments),
      outputSchema: begunSchema,
    },
    async (args, { signal }) =>
      answer(carriedOut(await ownDocument(['cycle', 'begin', ...flagsOf(args, project)], { cwd: dir, signal }))),
  );
  server.registerTool(
    'close_cycle',
    {
      description:
        'Closes an open cycle: the overall report, the last records, and the completion document over all its runs. Sends no load.',
      inputSchema: z.strictObject({
        cycle: z.number().int().positive().describe('the id that begin_cycle gave'),
        push: cycleArguments.push,
      }),
      outputSchema: completionSchema,
    },
    async ({ cycle, push }, { signal }) => {
      const flags = [`--conport=${conport}`, `--out=${out}`, ...(push ? ['--push'] : [])];
      return answer(carriedOut(await ownDocument(['cycle', 'close', ...flags, String(cycle)], { cwd: dir, signal })));
    },
  );
}
