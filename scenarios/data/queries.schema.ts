// A row of queries.csv: what people type, and how often next to the others.

import { z } from 'zod';

export default z.strictObject({
  query: z.string().min(1).max(200),
  weight: z.coerce.number().int().positive(),
});
