// The steps in the plan of a cycle: goal, status and result. They are updated when scenarios begin and end.

import { z } from 'zod';
import type { ScenarioPlan } from '../../model/plan.ts';
import { UserError } from '../../system/errors.ts';
import { isRecord } from '../../system/json.ts';
import { recordLine } from '../../text/record-text.ts';
import type { ConportStore } from './store.ts';

export const PLAN_CATEGORY = 'LeadPhaseExecutionPlan';

export const planStepSchema = z.looseObject({
  order: z.number().int().positive(),
  goal: z.string().min(1),
  /** Status of the step's progress item. */
  status: z.string().min(1),
  /** Path of the run's result.json, or the key of the report item; null before there is one. */
  result_ref: z.string().nullable(),
  progress_id: z.number().int().positive(),
});

export type PlanStep = z.infer<typeof planStepSchema>;

/** The goal of a scenario's step. */
export function goalOf(plan: ScenarioPlan, script: string): string {
  return `Execute performance test for ${recordLine(plan.name)} (${plan.profile}) using ${recordLine(script, 1000)}`;
}

/** The goal of the last step of a plan. */
export const CLOSING_GOAL = 'Compile the overall performance report and close the cycle';

/** The key of a cycle's plan. */
export function planKey(mainId: number): string {
  return `${mainId}_QAPlan`;
}

/** Adds a step before the closing one. */
export async function addStep(
  store: ConportStore,
  mainId: number,
  step: { readonly goal: string; readonly status: string; readonly progress_id: number },
): Promise<void> {
  await changeSteps(store, mainId, (steps) => {
    const closing = steps.filter(({ progress_id }) => progress_id === mainId);
    const others = steps.filter(({ progress_id }) => progress_id !== mainId);
    return [...others, { ...step, order: 0, result_ref: null }, ...closing];
  });
}

/** Updates the step of a progress item, if the plan has one; plans from before 0.2 have no steps. */
export async function renewStep(
  store: ConportStore,
  mainId: number,
  progressId: number,
  change: Partial<Pick<PlanStep, 'status' | 'result_ref'>>,
): Promise<void> {
  await changeSteps(store, mainId, (steps) =>
    steps.map((step) => (step.progress_id === progressId ? { ...step, ...change } : step)),
  );
}

/** Changes the steps of a plan. A plan that people removed or broke is no error, so that the run's other records are written. */
async function changeSteps(
  store: ConportStore,
  mainId: number,
  change: (steps: readonly PlanStep[]) => PlanStep[],
): Promise<void> {
  try {
    if ((await store.customData.read(PLAN_CATEGORY, planKey(mainId))) === undefined) return;
    await store.customData.update(PLAN_CATEGORY, planKey(mainId), (value) => {
      const steps = isRecord(value) ? z.array(planStepSchema).safeParse(value.steps).data : undefined;
      if (steps === undefined || !isRecord(value)) return value;
      return { ...value, steps: change(steps).map((step, index) => ({ ...step, order: index + 1 })) };
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}
