// What is known of the run besides its numbers becomes findings: its warm-up, warnings of the runner, warnings from before the load.

import type { Check } from '../../model/check.ts';
import type { ResultFinding } from '../../model/result.ts';
import type { Judging } from '../../model/run.ts';
import { duration } from '../../text/format.ts';
import type { RunWarmUp } from '../load/warm-up.ts';

/** A part of the run that targets are judged without is never left out in silence. */
export function warmUpFinding(warmUp: RunWarmUp | undefined, judging: Judging, startMs: number): ResultFinding[] {
  if (warmUp === undefined) return [];
  const length = duration(warmUp.endMs - startMs, { trim: true });
  const means = `${duration(warmUp.before)} on average before, ${duration(warmUp.after)} after`;
  const common = { kind: 'warm_up', severity: 'low', kpis: [] } as const;
  if (!warmUp.isOver) {
    const title = `The warm-up may not have ended: response times were still falling at ${length}`;
    return [
      { ...common, kpis: [], severity: 'medium', title, detail: `${means}. Run longer, or warm the system up first.` },
    ];
  }
  const use =
    judging.warmUp === 'keep'
      ? 'Targets include it, as configured.'
      : 'Targets on response times leave it out; k6 thresholds include it. To include it in targets use --warm-up keep.';
  return [{ ...common, kpis: [], title: `Warm-up: the first ${length} of the load`, detail: `${means}. ${use}` }];
}

/** A warning of the runner itself as a finding, below what the run showed. */
export function warningFinding(warning: string): ResultFinding {
  return { kind: 'runner_warning', severity: 'low', title: warning, detail: '', kpis: [] };
}

/** What the verification before the load warned of: it stands next to the run's numbers, and explains none of them by itself. */
export function verificationFinding({ title, detail, next }: Check): ResultFinding {
  const step = next === undefined ? '' : `What to do: ${next}.`;
  return { kind: 'environment_warning', severity: 'low', title: `${title}: ${detail}`, detail: step, kpis: [] };
}
