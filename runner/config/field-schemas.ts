// Schemas that several settings use.

import { z } from 'zod';
import { durationMs } from '../system/duration.ts';

/** An http(s) URL. */
export const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' });

/** Text such as 30s becomes milliseconds. */
export const duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: 'expected a duration such as 30s or 2m' });
  return z.NEVER;
});
