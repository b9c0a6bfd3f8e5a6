// The team's schedule of the performance check, from anywhere in NovaSystemConfig:ActiveSettings.

import { join } from 'node:path';
import { z } from 'zod';
import { CustomDataStore } from '../config/custom-data.ts';
import { PROFILES } from '../model/plan.ts';
import { UserError } from '../system/errors.ts';
import { isRecord } from '../system/json.ts';

const FIELD = 'performance_check_schedule';

const scheduleSchema = z.union([
  z
    .string()
    .min(1)
    .transform((every) => ({ every, enabled: true })),
  z.looseObject({
    every: z.string().min(1),
    enabled: z.boolean().default(true),
    profile: z.enum(PROFILES).optional(),
    environment: z.string().min(1).optional(),
    scenarios: z.array(z.string().min(1)).optional(),
  }),
]);

/** A schedule from the configuration. */
export interface ConfiguredSchedule {
  readonly every: string;
  readonly where: string;
  readonly profile?: string | undefined;
  readonly environment?: string | undefined;
  readonly scenarios?: readonly string[] | undefined;
}

const OFF = /^(none|never|off|disabled|manual)$/i;

/** The schedule; undefined if there is none. Throws a UserError for one that is disabled or invalid. */
export async function configuredSchedule(conportDir: string): Promise<ConfiguredSchedule | undefined> {
  const data = new CustomDataStore(join(conportDir, 'custom_data'), join(conportDir, '.lock'));
  const item = await data.read('NovaSystemConfig', 'ActiveSettings');
  const found = item === undefined ? undefined : fieldIn(item.value, []);
  if (item === undefined || found === undefined || found.value === null) return undefined;
  const where = item.placeOf(found.path);
  const parsed = scheduleSchema.safeParse(found.value);
  if (!parsed.success) {
    throw new UserError(
      `${FIELD}: expected a schedule, such as 'weekdays 03:00', or a map with every, profile, environment and scenarios.`,
      {
        where,
      },
    );
  }
  const { every, enabled, ...more } = parsed.data;
  if (!enabled || OFF.test(every)) {
    throw new UserError('The performance check is disabled in NovaSystemConfig:ActiveSettings.', {
      where,
      next: "give a time, such as --every 'weekdays 03:00'",
    });
  }
  return { ...more, every, where };
}

/** The first field of this name, at any depth. */
function fieldIn(value: unknown, path: readonly string[]): { value: unknown; path: string[] } | undefined {
  if (!isRecord(value) || path.length > 8) return undefined;
  if (FIELD in value) return { value: value[FIELD], path: [...path, FIELD] };
  for (const [name, below] of Object.entries(value)) {
    const found = fieldIn(below, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}
