// A row of users.csv. The file is checked against it when a scenario is bundled; k6 gets the rows only.

import { z } from 'zod';

export default z.strictObject({
  email: z.email(),
  password: z.string().min(8),
});
