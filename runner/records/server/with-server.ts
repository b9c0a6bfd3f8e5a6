// Runs some work with a connection to the ConPort server of ProjectConfig.

import { dirname } from 'node:path';
import { readProjectConfig } from '../../config/project-config.ts';
import { UserError } from '../../system/errors.ts';
import { type ConportStore, openStore } from '../store/store.ts';
import type { ConportConnection } from './server-connection.ts';

/** Opens the store and its server, does the work, and ends the server's process. Throws a UserError if no server is configured. */
export async function withServer<T>(
  conportDir: string,
  work: (store: ConportStore, connection: ConportConnection) => Promise<T>,
): Promise<T> {
  const config = await readProjectConfig(conportDir);
  if (config.conportServer === undefined) {
    throw new UserError('Expected testing.performance.conport_server in ProjectConfig, found none.', {
      where: config.where,
      next: 'conport/README.md shows how to configure a server',
    });
  }
  const store = await openStore(conportDir);
  // Imported on demand: the MCP client is a third of the code that a run would load, and few projects have a server.
  const { connectServer } = await import('./server-connection.ts');
  const connection = await connectServer(config.conportServer, dirname(conportDir));
  try {
    return await work(store, connection);
  } finally {
    await connection.close();
  }
}
