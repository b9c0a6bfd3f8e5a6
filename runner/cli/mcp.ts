// novaperf mcp: an MCP server on stdin and stdout, for agents that are handed a performance test.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createAgentServer } from '../agent/mcp-server.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';

/** The `mcp` command. It serves until its client goes. */
export function mcpCommand() {
  return new Command('mcp')
    .description('serve MCP on stdin and stdout: list, plan, run, read and compare as tools for an agent')
    .option('--conport <dir>', 'where the records go and the targets come from', DEFAULT_CONPORT)
    .option('--out <dir>', "where the runs' folders go", DEFAULT_OUT)
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
