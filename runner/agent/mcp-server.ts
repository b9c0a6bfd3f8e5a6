// novaperf as an MCP server: an agent lists scenarios, plans, runs a cycle, and reads what came of it, by tools alone.
// Every tool does what the command of the same name does, under the same rules: forbidden hosts stay forbidden.

import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { completionSchema } from '../model/completion.ts';
import { SEVERITIES } from '../model/kpi.ts';
import { PROFILES } from '../model/plan.ts';
import { resultSchema } from '../model/result.ts';
import { findRun } from '../runs/find-run.ts';
import { listRuns } from '../runs/run-list.ts';
import { UserError } from '../system/errors.ts';
import { EXIT } from '../system/exit-codes.ts';
import { packageVersion } from '../system/package-root.ts';
import { ownDocument } from './own-command.ts';

export interface AgentProject {
  /** Where scenarios/ is. */
  readonly dir: string;
  readonly conport: string;
  readonly out: string;
}

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

/** What begin_cycle answers. */
const begunSchema = z.looseObject({
  cycle: z.number().describe('the id for run_cycle and close_cycle'),
  progress: z.looseObject({ local: z.number(), server: z.number().nullable() }),
  decision: z.looseObject({ local: z.number(), server: z.number().nullable() }),
  plan: z.string(),
  next: z.array(z.string()),
});

type CycleArguments = z.infer<z.ZodObject<typeof cycleArguments>>;
type BeginArguments = z.infer<z.ZodObject<typeof beginArguments>>;

const run = z.string().min(1).describe('name of a run, as list_runs gives it, or latest');

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
    new UserError(`Expected the name of a scenario, found "${name}".`, { next: 'list_scenarios gives their names' }),
  );
}

/** The SDK shows an error's message alone: place and next step go into it. */
function toolError(error: UserError): Error {
  return new Error(error.toText());
}

/** The error that a command ended with; undefined where it was carried out. */
function errorIn(document: Record<string, unknown>): { error: UserError; exitCode: number } | undefined {
  const { data } = completionSchema.safeParse(document);
  if (data === undefined || data.error === null) return undefined;
  const { message, where, next } = data.error;
  const error = new UserError(message, { ...(where !== null && { where }), ...(next !== null && { next }) });
  return { error, exitCode: data.exit_code };
}

/** The document of a command, where the command was carried out; its error is the tool's otherwise. */
function carriedOut(document: Record<string, unknown>): Record<string, unknown> {
  const failed = errorIn(document);
  if (failed === undefined) return document;
  throw toolError(failed.error);
}

/**
 * A completion document as the answer. Arguments that cannot become a cycle (exit code 2) are a tool error that says what was
 * expected; the document is its structured content, as such a call is recorded too.
 */
function completed(document: Record<string, unknown>) {
  const failed = errorIn(document);
  if (failed?.exitCode !== EXIT.usage) return answer(document);
  return { ...answer(document), isError: true, content: [{ type: 'text' as const, text: failed.error.toText() }] };
}

/** An answer as structured content and, for clients that read text only, as JSON. */
function answer(document: Record<string, unknown>) {
  return { structuredContent: document, content: [{ type: 'text' as const, text: JSON.stringify(document) }] };
}

/** The server with its tools and resources; it is not connected yet. */
export function createAgentServer(project: AgentProject): McpServer {
  const server = new McpServer({ name: 'novaperf', version: packageVersion });
  addReading(server, project);
  addRunning(server, project);
  addOpenCycles(server, project);
  addResources(server, project);
  return server;
}

function addRunning(server: McpServer, project: AgentProject): void {
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
        const tell = (message: string) => {
          if (token === undefined || extra.signal.aborted) return;
          const progress = Math.round((performance.now() - startedMs) / 100) / 10;
          extra
            .sendNotification({ method: 'notifications/progress', params: { progressToken: token, progress, message } })
            .catch(() => undefined);
        };
        let last = 'starting';
        const beat = setInterval(() => tell(last), BEAT_MS);
        try {
          const onLine = (line: string) => {
            last = line;
            tell(line);
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

/** A cycle over several calls: opened, filled by run_cycle, closed. */
function addOpenCycles(server: McpServer, project: AgentProject): void {
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

/** A client may end a request that says nothing for a minute. */
const BEAT_MS = 5000;

function addReading(server: McpServer, { dir, conport, out }: AgentProject): void {
  const readOnly = { annotations: { readOnlyHint: true } };
  const folderOf = async (name: string) => {
    const { runs } = await listRuns(out);
    if (runs.some(({ folder }) => folder === name)) return name;
    if (name === 'latest' || name === 'previous') return basename(await findRun(name, out));
    throw toolError(
      new UserError(`Expected the name of a run, latest or previous; found "${name}".`, {
        next: 'list_runs gives the names',
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
      if (a === undefined && b !== undefined) throw new UserError('Expected a where b is given, found b alone.');
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

const RESOURCES = [
  ['report.md', 'text/markdown'],
  ['report.html', 'text/html'],
  ['result.json', 'application/json'],
] as const;

function addResources(server: McpServer, { out }: AgentProject): void {
  for (const [file, mimeType] of RESOURCES) {
    const list = async () => {
      const { runs } = await listRuns(out);
      const resources = runs.slice(0, 50).map(({ folder }) => ({
        uri: `novaperf://runs/${encodeURIComponent(folder)}/${file}`,
        name: `${folder}/${file}`,
        mimeType,
      }));
      return { resources };
    };
    server.registerResource(
      file,
      new ResourceTemplate(`novaperf://runs/{run}/${file}`, { list }),
      { description: `${file} of a run`, mimeType },
      async (uri, { run: name }) => {
        const wanted = decodeURIComponent(String(name));
        // Only runs of the list: a name must not lead to a file elsewhere.
        const { runs } = await listRuns(out);
        if (!runs.some(({ folder }) => folder === wanted)) throw new UserError(`There is no run ${wanted} in ${out}.`);
        return {
          contents: [{ uri: uri.href, mimeType, text: await readFile(join(resolve(out), wanted, file), 'utf8') }],
        };
      },
    );
  }
}
