// The look of the pages from flags and configuration. Their files are read and checked before any load.

import { open } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { type ProjectConfig, readProjectConfig } from '../../config/project-config.ts';
import { LOGO_LIMIT_BYTES, type Logo, logoType } from '../../report/logo.ts';
import type { Assets, Presentation } from '../../report/presentation.ts';
import { loadTemplates } from '../../report/template-engine.ts';
import { UserError } from '../../system/errors.ts';
import { reasonOf } from '../../system/refusals.ts';

/** Flags for the look of pages. */
export interface PresentationFlags {
  readonly template?: string | undefined;
  readonly assets: Assets;
}

/** For commands that have not read the project's configuration. */
export async function presentationOf(
  flags: PresentationFlags,
  conportDir: string,
  projectDir: string,
): Promise<Presentation> {
  return presentationFor(flags, await readProjectConfig(conportDir, projectDir), projectDir);
}

/**
 * Paths are relative to `projectDir`. Throws a UserError for missing or invalid templates, and for a logo that cannot be read, is
 * too large, or is not PNG, JPEG or SVG.
 */
export async function presentationFor(
  { template, assets }: PresentationFlags,
  { report, where }: Pick<ProjectConfig, 'report' | 'where'>,
  projectDir: string,
): Promise<Presentation> {
  const templatesDir = template === undefined ? undefined : resolve(projectDir, template);
  loadTemplates(templatesDir);
  const logo = report.logo === undefined ? undefined : await readLogo(resolve(projectDir, report.logo), where);
  return { ...(templatesDir === undefined ? {} : { templatesDir }), assets, brand: { title: report.title, logo } };
}

async function readLogo(path: string, where: string): Promise<Logo> {
  const unusable = (found: string, cause?: unknown) =>
    new UserError(
      `testing.performance.report.logo: expected a PNG, JPEG or SVG file of at most ${LOGO_LIMIT_BYTES / 1000} kB, found ${found}: ${relative(process.cwd(), path)}`,
      { where, next: 'give such a file, relative to the project, or remove logo', cause },
    );
  const bytes = await firstBytes(path, LOGO_LIMIT_BYTES + 1).catch((error: unknown) => {
    throw unusable(reasonOf(error), error);
  });
  if (bytes.length > LOGO_LIMIT_BYTES) throw unusable('a larger one');
  const type = logoType(bytes);
  if (type === undefined) throw unusable('something else');
  return { type, bytes };
}

/** Not the whole file, because the path may be a device or a huge file. */
async function firstBytes(path: string, limit: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    if (!(await file.stat()).isFile()) throw new Error('no file');
    const { buffer, bytesRead } = await file.read(new Uint8Array(limit), 0, limit, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
