// novaperf run: flags → a cycle over one or several scenarios → the completion summary and its exit code.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { PROFILES } from '../model/plan.ts';
import { SOURCE_FORMS } from '../monitor/spec.ts';
import { runCycle } from '../run/cycle/cycle.ts';
import { refuseCall } from '../run/cycle/refused-call.ts';
import { legibleFlags, parseFlags, type RunFlags, runFlagsSchema } from '../run/plan/flags.ts';
import { withSides } from '../run/plan/two-systems.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal, type Terminal } from '../system/terminal.ts';
import { ASSETS_HELP, collect, OUT_HELP, TEMPLATE_HELP, TRIGGER_HELP } from './shared-options.ts';

/** The `run` command; `finish` receives the exit code of the cycle. `k6Args`: flags of `k6 run`, after --. */
export function runCommand(finish: (code: ExitCode) => void, k6Args: readonly string[] = []) {
  return new Command('run')
    .description('run scenarios, judge the results against the targets, write reports and records')
    .argument(
      '[scenario...]',
      'names in scenarios/ or paths to k6 scripts (default: every scenario that has the profile)',
    )
    .option('--profile <name>', `${PROFILES.join(' | ')} (default: load; a plain k6 script keeps its own load)`)
    .option('--duration <time>', 'total duration of the load, ramps included: 90s, 5m, 1h30m')
    .option('--vus <n>', 'base load in virtual users, scaled by the profile (closed models)')
    .option('--rate <n>', 'base load in iterations per second, scaled by the profile (open models)')
    .option('--scenario <name>', 'run only this k6 scenario of a plain k6 script')
    .option('--env <name>', "environment of ProjectConfig (default: the scenario's, or default_environment)")
    .option('--base-url <url>', 'URL of the system under test, instead of --env')
    .option('--verify', 'run one iteration of each scenario first; send no load if one fails')
    .option(
      '-e, --script-env <NAME=value>',
      'environment variable for the script (__ENV.NAME); may be repeated',
      collect,
    )
    .option('--build <version>', 'version of the build under test, for reports and records')
    .option('--branch <name>', 'source branch of the build under test (default: from CI or git)')
    .option('--component <name>', 'component under test, for scripts that do not name one')
    .option(
      '--server-metrics <source>',
      `monitor the system under test: ${SOURCE_FORMS}; may be repeated (default: the sources of the environment)`,
      collect,
    )
    .option('--baseline-time <time>', 'how long to monitor the idle system before the load (default: 5s, smoke 1s)')
    .option('--recovery-time <time>', 'how long to monitor the recovery after the load (default: 5s, smoke 1s)')
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .option('--conport <dir>', 'folder of the ConPort records and targets', DEFAULT_CONPORT)
    .option('--template <dir>', TEMPLATE_HELP)
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--trigger <why>', TRIGGER_HELP, 'requested')
    .option('--requested-by <who>', 'who requested the cycle (default: the current user)')
    .option('--cycle <id>', 'make the run part of an open cycle; the id is from novaperf cycle begin')
    .option('--wait [time]', 'wait while another run loads the same system, for at most this time (default: 1h)')
    .option(
      '--baseline <run>',
      'compare with earlier runs: latest (the latest accepted ones), build:<version>, branch:<name>, or one run by folder or name; none: no comparison',
    )
    .option(
      '--fail-on <what>',
      'regression: exit with 96 if a figure is slower than the baseline over several runs (default baseline: latest)',
    )
    .option('--max-rate <n>', 'breakpoint: highest rate to try, in iterations per second')
    .option(
      '--step-time <time>',
      'breakpoint: minimum duration of each step, which is held until stable (default: 20s)',
    )
    .option(
      '--max-step-time <time>',
      'breakpoint: maximum duration of a step that is not stable (default: 3 x --step-time, at least 60s)',
    )
    .option('--repeat <n>', 'run each scenario n times; with --against: at most n pairs of runs (default: 10)')
    .option(
      '--against <system>',
      'compare with another build, at a URL or in an environment: pairs of runs, old and new in turn, until the result is clear',
    )
    .option(
      '--interleave',
      'with --against: the order a b b a a b …, which cancels out slow changes of the machine (always used)',
    )
    .option(
      '--side-by-side <systems...>',
      'compare two systems in one run, old build first: iterations alternate between them; finds the smallest differences',
    )
    .option('--no-records', 'write no ConPort records (also testing.performance.records: false)')
    .option('--push', 'send the records to the ConPort server afterwards')
    .option('--k6 <path>', 'path to the k6 executable (also K6_BIN)')
    .option('--stream <kind>', 'auto | histograms | samples: the form in which k6 sends its metrics', 'auto')
    .option('--live [port]', 'show the report while the run is under way, with a stop button; on this machine only')
    .option(
      '--verdict <how>',
      "k6 | certain: how the script's thresholds are judged; certain: they can be inconclusive, as targets can (default: k6)",
    )
    .option(
      '--inconclusive <code>',
      '98 | fail | pass: exit code of a run that is too close to call; pass: it counts as passed (default: 98)',
    )
    .option('--warm-up <what>', 'leave-out | keep: judge the targets without or with the warm-up (default: leave-out)')
    .option('--until-decided [max]', 'stop the load as soon as every target is decided; max replaces --duration')
    .option('--handle-summary', "call the script's handleSummary() in runs longer than 30 minutes too")
    .option('--no-handle-summary', 'never call it; k6 keeps every value in memory for it')
    .option('--cluster <name>', 'run k6 in pods of the k6-operator, on this cluster of testing.performance.clusters')
    .option('--parallelism <n>', 'with --cluster: number of pods that share the load (default: 1)')
    .option('--setup-once', 'with --cluster: run setup() and teardown() once, on this machine, instead of in every pod')
    .option('--keep-raw', 'also write every sample to raw.json.gz')
    .option('--no-bundle', 'do not keep the bundled script (bundle.js), which may contain secrets')
    .option('--json', 'print only the completion document, as JSON')
    .option('--dry-run', 'print the plan and the k6 command line; run nothing')
    .action(async (scenarios, raw) => {
      const terminal = openTerminal({ json: raw.json === true });
      const checked = await checkedFlags(scenarios, { ...raw, k6Args }, terminal);
      finish(await runCycle({ ...checked, projectDir: resolve('.') }, terminal));
    });
}

/** The checked flags. For an invalid one it records and prints the rejected call, and throws. */
async function checkedFlags(
  scenarios: readonly string[],
  raw: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<{ scenarios: readonly string[]; flags: RunFlags }> {
  const beganAtMs = Date.now();
  try {
    return withSides(scenarios, parseFlags(runFlagsSchema, raw));
  } catch (error) {
    if (error instanceof UserError && raw.dryRun !== true) {
      await refuseCall({ ...legibleFlags(raw), scenarios, projectDir: resolve('.'), beganAtMs }, error, terminal);
    }
    throw error;
  }
}
