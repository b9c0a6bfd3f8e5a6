// Types of `import loadUsers from './data/users.csv'`.

import type { z } from 'zod';
import type userSchema from './users.schema';

export default function loadUsers(): z.infer<typeof userSchema>[];
