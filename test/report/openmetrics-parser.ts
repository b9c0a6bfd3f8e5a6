// An independent reader of OpenMetrics: the parser of Prometheus' Python client, installed once into the user's cache.

import { execFile } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { cacheFolder } from '../../runner/system/cache-folder.ts';

const run = promisify(execFile);

const VERSION = '0.26.0';
const INSTALL_WITHIN_MS = 120_000;

const PARSE = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    families = list(text_string_to_metric_families(file.read()))
print(json.dumps([{"name": f.name, "type": f.type, "samples": [
    {"name": s.name, "labels": s.labels, "value": s.value} for s in f.samples]} for f in families]))
`;

const familiesSchema = z.array(
  z.object({
    name: z.string(),
    type: z.string(),
    samples: z.array(z.object({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number() })),
  }),
);

export type ParsedFamily = z.infer<typeof familiesSchema>[number];

/** The path of a Python with the parser, or what is missing. */
export async function pythonWithParser(): Promise<{ python: string } | string> {
  const folder = join(cacheFolder(process.env), `openmetrics-parser-${VERSION}`);
  const python = join(folder, 'venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const complete = join(folder, 'complete');
  try {
    await access(complete);
    return { python };
  } catch {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `prometheus_client==${VERSION}`];
  try {
    const venv = ['-m', 'venv', join(folder, 'venv')];
    await run(process.platform === 'win32' ? 'python' : 'python3', venv, { timeout: INSTALL_WITHIN_MS });
    await run(python, pip, { timeout: INSTALL_WITHIN_MS });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  await writeFile(complete, '');
  return { python };
}

/** The families of a file; rejects with the parser's message if it is not valid OpenMetrics. */
export async function parseOpenMetrics(python: string, file: string): Promise<ParsedFamily[]> {
  const { stdout } = await run(python, ['-c', PARSE, file], { maxBuffer: 64 * 1024 * 1024 });
  return familiesSchema.parse(JSON.parse(stdout));
}
