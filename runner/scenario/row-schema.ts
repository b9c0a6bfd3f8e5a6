// The zod schema of a schema file next to a data file. Evaluated in Node, not in k6.

import type { z } from 'zod';
import { UserError } from '../system/errors.ts';
import { defaultExportOf } from '../system/evaluate-module.ts';
import { nearPath } from '../system/near-path.ts';

/** The default export of a `*.schema.ts`: a zod schema of one row. Throws a UserError for anything else. */
export async function loadRowSchema(path: string): Promise<Pick<z.ZodType, 'safeParse'>> {
  const exported = await defaultExportOf(path, 'The schema');
  if (isSchema(exported)) return exported;
  throw new UserError('Expected the default export to be a zod schema of one row, found none.', {
    where: nearPath(path),
  });
}

function isSchema(value: unknown): value is Pick<z.ZodType, 'safeParse'> {
  return typeof value === 'object' && value !== null && 'safeParse' in value && typeof value.safeParse === 'function';
}
