// The schema of a phase in `options.ext.novaperf` and in archives. Separate from plan.ts, which is bundled into k6
// scripts and must not include zod.

import { z } from 'zod';

export const phaseSchema = z.object({
  name: z.string(),
  kind: z.enum(['ramp-up', 'hold', 'spike', 'ramp-down', 'step']),
  startMs: z.number(),
  endMs: z.number(),
});
