// Findings about the run itself: its warm-up, warnings of the runner, and warnings of the checks before load.

import type { Check } from '../../model/preflight-check.ts';
import type { ResultFinding } from '../../model/result.ts';
import type { Judging } from '../../model/run.ts';
import { duration } from '../../text/format.ts';
import type { RunWarmUp } from '../load/warm-up.ts';

/** The finding about the warm-up: a part that targets exclude must always be reported. */
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

/** Turns a warning of the runner into a finding of severity low. */
export function warningFinding(warning: string): ResultFinding {
  return { kind: 'runner_warning', severity: 'low', title: warning, detail: '', kpis: [] };
}

/** Turns a warning of the checks before load into a finding; it explains none of the run's numbers. */
export function verificationFinding({ title, detail, next }: Check): ResultFinding {
  const step = next === undefined ? '' : `What to do: ${next}.`;
  return { kind: 'environment_warning', severity: 'low', title: `${title}: ${detail}`, detail: step, kpis: [] };
}
