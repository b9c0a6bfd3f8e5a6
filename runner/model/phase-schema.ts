// A phase as it stands in `options.ext.novaperf` and in an archive. Apart from plan.ts, which goes into k6 bundles: no zod there.

import { z } from 'zod';

export const phaseSchema = z.object({
  name: z.string(),
  kind: z.enum(['ramp-up', 'hold', 'spike', 'ramp-down', 'step']),
  startMs: z.number(),
  endMs: z.number(),
});
