// novaperf mcp: an MCP server on stdin and stdout, for agents that run performance tests.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createAgentServer } from '../agent/mcp-server.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { OUT_HELP } from './shared-options.ts';

/** The `mcp` command. It ends when the client disconnects. */
export function mcpCommand() {
  return new Command('mcp')
    .description('start an MCP server on stdin and stdout, with tools to list, plan, run, read and compare')
    .option('--conport <dir>', 'folder of the ConPort records and targets', DEFAULT_CONPORT)
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .action(async (options) => {
      const project = { dir: resolve('.'), conport: resolve(options.conport), out: resolve(options.out) };
      const server = createAgentServer(project);
      const closed = new Promise<void>((done) => {
        server.server.onclose = done;
        process.stdin.once('end', done);
      });
      await server.connect(new StdioServerTransport());
      await closed;
      await server.close();
    });
}
