// Tools that read: scenarios, kept runs, their results and findings, comparisons, and targets to propose.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { SEVERITIES } from '../model/kpi.ts';
import { resultSchema } from '../model/result.ts';
import { findRun } from '../runs/find-run.ts';
import { listRuns } from '../runs/run-list.ts';
import { UserError } from '../system/errors.ts';
import { type AgentProject, answer, toolError } from './answers.ts';
import { ownDocument } from './own-command.ts';

const run = z.string().min(1).describe('name of a run, as list_runs gives it, or latest');

/** Adds the tools that send no load and change nothing. */
export function addReading(server: McpServer, { dir, conport, out }: AgentProject): void {
  const readOnly = { annotations: { readOnlyHint: true } };
  const folderOf = async (name: string) => {
    const { runs } = await listRuns(out);
    if (runs.some(({ folder }) => folder === name)) return name;
    if (name === 'latest' || name === 'previous') return basename(await findRun(name, out));
    throw toolError(
      new UserError(`Expected the name of a run, latest or previous; found "${name}".`, {
        next: 'list_runs lists the names',
      }),
    );
  };
  const read = async (name: string) => {
    const text = await readFile(join(out, await folderOf(name), 'result.json'), 'utf8');
    return resultSchema.parse(JSON.parse(text));
  };
  server.registerTool(
    'list_scenarios',
    {
      description:
        'The scenarios of the project with component, profiles, thresholds and targets, and which targets are not judged.',
      inputSchema: z.strictObject({}),
      ...readOnly,
    },
    async (_args, { signal }) => answer(await ownDocument(['list', '--conport', conport], { cwd: dir, signal })),
  );
  server.registerTool(
    'list_runs',
    {
      description: 'Kept runs, the newest first.',
      inputSchema: z.strictObject({
        scenario: z.string().optional(),
        limit: z.number().int().positive().max(200).default(20),
      }),
      ...readOnly,
    },
    async ({ scenario, limit }) => {
      const { runs } = await listRuns(out);
      const wanted = runs
        .filter((each) => scenario === undefined || each.scenario === scenario)
        .sort((a, b) => b.started_at.localeCompare(a.started_at));
      return answer({
        runs: wanted.slice(0, limit).map(({ folder, status, profile, build, started_at, ...each }) => ({
          ...{ run: folder, scenario: each.scenario, component: each.component, profile, status, build, started_at },
          p95_ms: each.p95_ms,
        })),
        more: Math.max(0, wanted.length - limit),
      });
    },
  );
  server.registerTool(
    'get_result',
    {
      description:
        "A run's result.json: targets with intervals, endpoints, checks, errors, findings, generator health.",
      inputSchema: z.strictObject({ run }),
      ...readOnly,
    },
    async ({ run: name }) => answer(await read(name)),
  );
  server.registerTool(
    'get_findings',
    {
      description: 'The findings of a run, worst first, with evidence and next step.',
      inputSchema: z.strictObject({
        run,
        at_least: z.enum(SEVERITIES).default('low').describe('leave out what is less severe'),
      }),
      ...readOnly,
    },
    async ({ run: name, at_least }) => {
      const { findings, status, status_reason } = await read(name);
      const worst = SEVERITIES.indexOf(at_least);
      return answer({
        ...{ run: name, status, status_reason },
        findings: findings.filter(({ severity }) => SEVERITIES.indexOf(severity) <= worst),
      });
    },
  );
  server.registerTool(
    'compare',
    {
      description:
        'Two runs side by side: what differs, and what may be said of it. Without b: a with the latest run. Without both: ' +
        'previous with latest.',
      inputSchema: z.strictObject({
        a: run.optional().describe('the baseline'),
        b: run.optional(),
        builds: z.array(z.string().min(1)).length(2).optional().describe('instead of runs: the newest of each build'),
      }),
      ...readOnly,
    },
    async ({ a, b, builds = [] }, { signal }) => {
      if (a === undefined && b !== undefined) throw new UserError('Expected a and b, found b alone.');
      const runs = await Promise.all([a, b].flatMap((name) => (name === undefined ? [] : [folderOf(name)])));
      const options = [`--out=${out}`, `--conport=${conport}`, ...builds.map((build) => `--build=${build}`)];
      const args = ['compare', ...options, ...runs];
      return answer(await ownDocument(args, { cwd: dir, signal }));
    },
  );
  server.registerTool(
    'propose_targets',
    {
      description:
        'Targets for a person to approve: from a run (its interval plus headroom), or, without one, from sentences of acceptance criteria.',
      inputSchema: z.strictObject({ run: run.optional(), headroom_percent: z.number().min(0).max(1000).default(20) }),
      ...readOnly,
    },
    async ({ run: name, headroom_percent: headroom }, { signal }) => {
      const args =
        name === undefined
          ? ['targets', 'propose', `--conport=${conport}`]
          : ['targets', 'from', `--headroom=${headroom}`, `--out=${out}`, await folderOf(name)];
      return answer(await ownDocument(args, { cwd: dir, signal }));
    },
  );
}
