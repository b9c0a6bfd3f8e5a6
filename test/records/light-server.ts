// The real ConPort server from PyPI, installed once into the user's cache without its embedding models (6 GB): a virtual
// environment, with five stub modules instead of the models. Everything else is real.

import { execFile } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ServerConfig } from '../../runner/config/conport-server.ts';
import { cacheFolder } from '../../runner/system/cache-folder.ts';

const run = promisify(execFile);

const VERSION = '0.3.13';
const INSTALL_WITHIN_MS = 300_000;

const RAISES = 'def __init__(self, *args, **kwargs):\n        raise RuntimeError("no embeddings here")\n';
const STUBS: ReadonlyArray<readonly [file: string, text: string]> = [
  ['sentence_transformers/__init__.py', `class SentenceTransformer:\n    ${RAISES}`],
  ['chromadb/__init__.py', `class Collection:\n    pass\n\n\nclass PersistentClient:\n    ${RAISES}`],
  ['chromadb/config.py', 'class Settings:\n    def __init__(self, **kwargs):\n        self.__dict__.update(kwargs)\n'],
  ['chromadb/utils/__init__.py', ''],
  ['chromadb/utils/embedding_functions.py', `class SentenceTransformerEmbeddingFunction:\n    ${RAISES}`],
];

export interface LightServer {
  readonly python: string;
  readonly command: string;
  readonly env: Record<string, string>;
}

/** Installs the server unless it is; returns what is missing if that is impossible. */
export async function lightServer(): Promise<LightServer | string> {
  const folder = join(cacheFolder(process.env), `conport-server-${VERSION}`);
  const bin = join(folder, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin');
  const stubs = join(folder, 'stubs');
  const server = { python: join(bin, 'python'), command: join(bin, 'conport-mcp'), env: { PYTHONPATH: stubs } };
  const complete = join(folder, 'complete');
  if (
    await access(complete).then(
      () => true,
      () => false,
    )
  )
    return server;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [file, text] of STUBS) {
    await mkdir(join(stubs, file, '..'), { recursive: true });
    await writeFile(join(stubs, file), text);
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile'];
  const steps: ReadonlyArray<readonly [command: string, args: readonly string[]]> = [
    [process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', join(folder, 'venv')]],
    [server.python, [...pip, 'fastmcp-slim[server]==4.1.2', 'fastapi', 'uvicorn', 'alembic']],
    [server.python, [...pip, '--no-deps', `context-portal-mcp==${VERSION}`]],
  ];
  for (const [command, args] of steps) {
    try {
      await run(command, [...args], { timeout: INSTALL_WITHIN_MS });
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      const reason =
        error instanceof Error
          ? (error.message
              .split('\n')
              .filter((line) => line !== '')
              .at(-1) ?? '')
          : '';
      return `the ConPort server could not be installed (${command} ${args.slice(0, 3).join(' ')}): ${reason}`;
    }
  }
  await writeFile(complete, `${VERSION}\n`);
  return server;
}

/** Its entry in ProjectConfig for one workspace. */
export function stdioConfig(server: LightServer, workspaceId: string): ServerConfig {
  const args = ['--mode', 'stdio', '--workspace_id', workspaceId];
  return { kind: 'stdio', command: server.command, args, env: server.env, workspaceId, timeoutMs: 60_000 };
}

/** Rows of the server's database, read directly. */
export async function sqlRows(server: LightServer, workspace: string, query: string): Promise<unknown[][]> {
  const program = `import json, sqlite3, sys
print(json.dumps(sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True).execute(sys.argv[2]).fetchall()))`;
  const database = join(workspace, 'context_portal', 'context.db');
  const { stdout } = await run(server.python, ['-c', program, database, query], { maxBuffer: 1 << 26 });
  const rows: unknown = JSON.parse(stdout);
  return Array.isArray(rows) ? rows : [];
}
