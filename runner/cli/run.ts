// novaperf run: flags → a cycle over one or several scenarios → the completion summary and its exit code.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { PROFILES } from '../model/plan.ts';
import { SOURCE_FORMS } from '../monitor/spec.ts';
import { runCycle } from '../run/cycle.ts';
import { legibleFlags, parseFlags, type RunFlags, runFlagsSchema } from '../run/flags.ts';
import { refuseCall } from '../run/refused-call.ts';
import { withSides } from '../run/two-systems.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal, type Terminal } from '../system/terminal.ts';
import { ASSETS_HELP, collect } from './shared-options.ts';

/** The `run` command; `finish` receives the exit code of the cycle. `k6Args`: what stood after --, flags of `k6 run`. */
export function runCommand(finish: (code: ExitCode) => void, k6Args: readonly string[] = []) {
  return new Command('run')
    .description('run scenarios under load, judge them against their targets, report and record the result')
    .argument('[scenario...]', 'names in scenarios/ or paths of k6 scripts; none = every scenario that has the profile')
    .option('--profile <name>', `${PROFILES.join(' | ')} (default: load; a plain k6 script without it: its own load)`)
    .option('--duration <time>', 'length of the whole profile, ramps included: 90s, 5m, 1h30m')
    .option('--vus <n>', 'virtual users that the profile scales (closed models)')
    .option('--rate <n>', 'iterations per second that the profile scales (open models)')
    .option('--scenario <name>', 'of a plain k6 script with several k6 scenarios: run this one only')
    .option('--env <name>', 'environment of ProjectConfig (as shipped: demo, the embedded target)')
    .option('--base-url <url>', 'put the load on this target, instead of --env')
    .option('--verify', 'first let each scenario make one iteration, and put no load on anything when that fails')
    .option('-e, --script-env <NAME=value>', "a variable for the script's __ENV; may be repeated", collect)
    .option('--build <version>', 'version of the build under test, for the report and the records')
    .option('--branch <name>', 'branch of the source under test (default: what CI or git says)')
    .option('--component <name>', 'component under test, for scripts that do not say')
    .option(
      '--server-metrics <source>',
      `watch the system under test: ${SOURCE_FORMS}; may be repeated (default: the environment's, and the demo's own)`,
      collect,
    )
    .option('--baseline-time <time>', 'how long to watch it idle before the load (default: 5s, smoke 1s)')
    .option('--recovery-time <time>', 'how long to watch it recover after the load (default: 5s, smoke 1s)')
    .option('--out <dir>', "where the runs' folders go", DEFAULT_OUT)
    .option('--conport <dir>', 'where the records go and the targets come from', DEFAULT_CONPORT)
    .option('--template <dir>', 'override templates by file name')
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--trigger <why>', 'requested | acceptance-criteria | health-check, or a sentence', 'requested')
    .option('--requested-by <who>', 'who asked for the cycle, for the Decision (default: you)')
    .option('--cycle <id>', 'make this call part of the cycle that novaperf cycle begin opened')
    .option('--wait [time]', 'when another cycle loads the same target, wait for it (default: one hour)')
    .option(
      '--baseline <run>',
      'compare with the accepted runs before (latest), those of build:<version> or branch:<name>, or a run by folder or name; none: do not',
    )
    .option(
      '--fail-on <what>',
      'regression: exit code 96 where a figure is slower than the baseline over several runs (default baseline: latest)',
    )
    .option('--max-rate <n>', 'breakpoint: iterations a second that are never exceeded')
    .option('--step-time <time>', 'breakpoint: how long each load is held (default: 30s)')
    .option('--repeat <n>', 'run each scenario so many times; with --against: pairs of runs at most (default: 10)')
    .option(
      '--against <system>',
      'compare with another build that runs elsewhere (a URL or an environment): pairs of runs in turn, until it is decided',
    )
    .option('--interleave', 'as --against does: a b b a a b …, so that a machine that drifts looks like neither build')
    .option(
      '--side-by-side <systems...>',
      'two systems, the old build first, in one run: iterations alternate between them; the sharpest comparison',
    )
    .option('--no-records', 'write no ConPort records (also testing.performance.records: false)')
    .option('--push', 'send the records to the ConPort server afterwards')
    .option('--k6 <path>', 'k6 executable (also K6_BIN)')
    .option('--stream <kind>', 'auto | histograms | samples: how the samples come out of k6', 'auto')
    .option('--live [port]', 'the report as a page that follows the run, with a stop button; on this machine only')
    .option(
      '--verdict <how>',
      "k6 | certain: certain gives the script's thresholds three answers, as targets have (default: k6)",
    )
    .option('--inconclusive <code>', '98 | fail | pass: the exit code of a run that is too close to call (default: 98)')
    .option('--warm-up <what>', 'leave-out | keep: whether targets are judged without the warm-up (default: leave-out)')
    .option('--until-decided [max]', 'end the load as soon as every target is decided; max stands in for --duration')
    .option('--handle-summary', "call the script's handleSummary() also in a run of more than 30 minutes")
    .option('--no-handle-summary', 'do not call it: k6 keeps every value in memory for it')
    .option('--cluster <name>', 'make the load in pods of the k6-operator: a cluster of testing.performance.clusters')
    .option('--parallelism <n>', 'how many pods share the load, with --cluster (default: 1)')
    .option('--setup-once', 'with --cluster: run setup() and teardown() once, on this machine, and not in every pod')
    .option('--keep-raw', 'also keep every sample, gzipped, as raw.json.gz')
    .option('--no-bundle', 'do not keep the script that ran (bundle.js): it may hold secrets of its own')
    .option('--json', 'the completion document as JSON on stdout, nothing else there')
    .option('--dry-run', 'print the plan and the k6 command line, run nothing')
    .action(async (scenarios, raw) => {
      const terminal = openTerminal({ json: raw.json === true });
      const checked = await checkedFlags(scenarios, { ...raw, k6Args }, terminal);
      finish(await runCycle({ ...checked, projectDir: resolve('.') }, terminal));
    });
}

/** The flags as values. A wrong one is a call that is refused, recorded and printed as such, and thrown. */
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
