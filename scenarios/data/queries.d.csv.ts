// Types of `import loadQueries from './data/queries.csv'`.

import type { z } from 'zod';
import type querySchema from './queries.schema';

export default function loadQueries(): z.infer<typeof querySchema>[];
