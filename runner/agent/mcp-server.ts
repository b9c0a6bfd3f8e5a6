// novaperf as an MCP server: agents list scenarios, plan and run a cycle, and read its results with tools.
// Every tool does what the command of the same name does, with the same rules, such as forbidden hosts.

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { listRuns } from '../runs/run-list.ts';
import { UserError } from '../system/errors.ts';
import { packageVersion } from '../system/package-root.ts';
import type { AgentProject } from './answers.ts';
import { addReading } from './reading-tools.ts';
import { addOpenCycles, addRunning } from './run-tools.ts';

/** The server with its tools and resources; it is not connected yet. */
export function createAgentServer(project: AgentProject): McpServer {
  const server = new McpServer({ name: 'novaperf', version: packageVersion });
  addReading(server, project);
  addRunning(server, project);
  addOpenCycles(server, project);
  addResources(server, project);
  return server;
}

const RESOURCES = [
  ['report.md', 'text/markdown'],
  ['report.html', 'text/html'],
  ['result.json', 'application/json'],
] as const;

function addResources(server: McpServer, { out }: AgentProject): void {
  for (const [file, mimeType] of RESOURCES) {
    const list = async () => {
      const { runs } = await listRuns(out);
      const resources = runs.slice(0, 50).map(({ folder }) => ({
        uri: `novaperf://runs/${encodeURIComponent(folder)}/${file}`,
        name: `${folder}/${file}`,
        mimeType,
      }));
      return { resources };
    };
    server.registerResource(
      file,
      new ResourceTemplate(`novaperf://runs/{run}/${file}`, { list }),
      { description: `${file} of a run`, mimeType },
      async (uri, { run: name }) => {
        const wanted = decodeURIComponent(String(name));
        // Only listed runs, so that a name cannot refer to a file elsewhere.
        const { runs } = await listRuns(out);
        if (!runs.some(({ folder }) => folder === wanted))
          throw new UserError(`Expected a run in ${out}, found none called ${wanted}.`);
        return {
          contents: [{ uri: uri.href, mimeType, text: await readFile(join(resolve(out), wanted, file), 'utf8') }],
        };
      },
    );
  }
}
