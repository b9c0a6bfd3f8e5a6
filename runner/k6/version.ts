// Reads the version of a k6 executable and whether it has novaperf's output, and compares versions.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { coerce, compare, type SemVer } from 'semver';
import { z } from 'zod';
import { type Captured, capture } from '../system/capture.ts';
import { errorCode, messageOf, UserError } from '../system/errors.ts';
import { parseJson } from '../system/json.ts';
import { packageRoot } from '../system/package-root.ts';

/** k6 as a Go module. */
export const K6_MODULE = 'go.k6.io/k6/v2';

/** The k6 that is built and downloaded, `2.2.0`. go.mod in runner/k6/output is the only place that sets it. */
export const PINNED_K6: string = pinnedIn(readFileSync(join(packageRoot, 'runner/k6/output/go.mod'), 'utf8'));

function pinnedIn(manifest: string): string {
  const version = new RegExp(`^\\s*(?:require )?${K6_MODULE.replaceAll('.', '\\.')} v(\\S+)`, 'm').exec(manifest)?.[1];
  if (version === undefined) throw new Error(`runner/k6/output/go.mod requires no ${K6_MODULE}`);
  return version;
}

/** 1.3.0 introduced `--summary-mode=disabled`; without it k6 prints its summary into the stream. */
export const MINIMUM_K6 = '1.3.0';

/** Name of the output that writes the histograms stream, as in `k6 version --json`. */
export const NOVAPERF_OUTPUT = 'novaperf';

export interface K6Version {
  /** Without the leading v: `2.2.0`, `1.7.0-rc1`. */
  readonly version: string;
  /** True if `novaperf` is among its outputs. */
  readonly hasHistograms: boolean;
  /** `go1.26.8`; undefined for an old k6 that does not report it. */
  readonly goVersion: string | undefined;
  /** Extensions built into it; undefined for an old k6 that does not report them. */
  readonly extensions: readonly K6Extension[] | undefined;
}

/** An extension in a k6, as `k6 version --json` lists it. */
export interface K6Extension {
  /** Go module; '' if k6 does not report it. */
  readonly module: string;
  readonly version: string;
  /** What scripts can import: `k6/x/faker`. */
  readonly imports: readonly string[];
}

const versionSchema = z.looseObject({
  version: z.string().regex(/^v?\d+\.\d+\.\d+/),
  go_version: z.string().optional(),
  extensions: z
    .array(
      z.looseObject({
        module: z.string().default(''),
        version: z.string().default(''),
        imports: z.array(z.string()).default([]),
        outputs: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

// `k6 v0.49.0 (commit/4f8ec3c, go1.21.6, linux/amd64)`: the output of a k6 without `version --json`.
const VERSION_LINE = /^k6(?:\.exe)? v(\d+\.\d+\.\d+\S*)/m;

const NEXT = 'give the path to a k6 executable, or omit it: novaperf then finds or builds one';

/** Starting a 60 MB executable from a cold disk on a busy machine takes seconds. */
const VERSION_TIMEOUT_MS = 30_000;

/**
 * Runs `version` of a k6 executable. Throws a UserError if the file cannot be executed, does not answer in 30 s or is
 * not a k6. `askedBy`: where the path came from, for the message, such as `--k6`, `K6_BIN` or `PATH`.
 */
export async function readK6Version(path: string, askedBy: string): Promise<K6Version> {
  const answer = await ask(path, ['version', '--json'], askedBy);
  const fromJson = parseVersionJson(answer.stdout);
  if (fromJson !== undefined) return fromJson;
  const fromText = VERSION_LINE.exec((await ask(path, ['version'], askedBy)).stdout)?.[1];
  if (fromText !== undefined)
    return { version: fromText, hasHistograms: false, goVersion: undefined, extensions: undefined };
  const output = messageOf(answer.stdout || answer.stderr).slice(0, 120);
  throw new UserError(
    `Expected ${askedBy} to be a k6 executable, found that its \`version\` is not that of k6: ${
      answer.timedOut ? 'no answer in 30 s' : output === '' ? `no output, exit code ${answer.exitCode}` : `"${output}"`
    }`,
    { where: path, next: NEXT },
  );
}

/** True if a file is a k6 that runs here; false if it is missing or damaged. */
export async function isK6(path: string): Promise<boolean> {
  return readK6Version(path, 'the cache').then(
    () => true,
    () => false,
  );
}

async function ask(path: string, args: readonly string[], askedBy: string): Promise<Captured> {
  try {
    return await capture(path, args, {
      timeoutMs: VERSION_TIMEOUT_MS,
      maxCharacters: 1024 * 1024,
      // k6 reports the use of some subcommands to its makers by default.
      env: { ...process.env, K6_NO_USAGE_REPORT: 'true' },
    });
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw new UserError(`Expected ${askedBy} to be a k6 executable, found a folder.`, {
        where: path,
        next: 'give the path to the executable in it',
        cause: error,
      });
    }
    throw notExecutable(path, askedBy, error);
  }
}

/** The error for a path that the system cannot execute. */
export function notExecutable(path: string, askedBy: string, error: unknown): UserError {
  const code = errorCode(error);
  const reason =
    code === 'ENOENT'
      ? 'no such file (ENOENT)'
      : code === 'EACCES'
        ? 'a file without execute permission (EACCES)'
        : code === 'ENOEXEC' || code === 'UNKNOWN'
          ? `a file that this system cannot execute (${code})`
          : messageOf(error);
  return new UserError(`Expected ${askedBy} to be a k6 executable, found ${reason}.`, {
    where: path,
    next: code === 'EACCES' ? `chmod +x ${path}, or give the path to another k6` : NEXT,
    cause: error,
  });
}

function parseVersionJson(text: string): K6Version | undefined {
  const parsed = versionSchema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const outputs = (parsed.data.extensions ?? []).flatMap((extension) => extension.outputs ?? []);
  return {
    version: parsed.data.version.replace(/^v/, ''),
    hasHistograms: outputs.includes(NOVAPERF_OUTPUT),
    goVersion: parsed.data.go_version,
    extensions: (parsed.data.extensions ?? []).map(({ module, version, imports }) => ({ module, version, imports })),
  };
}

/**
 * Compares versions as semver: negative, zero or positive if `a` is older than, equal to or newer than `b`. Also
 * accepts a leading `v` or `go` and a missing patch number. Throws an Error for a text without a number.
 */
export function compareVersions(a: string, b: string): number {
  return compare(parsed(a), parsed(b));
}

function parsed(text: string): SemVer {
  const version = coerce(text, { includePrerelease: true });
  if (version === null) throw new Error(`Expected a version, got "${text}"`);
  return version;
}

/** The error for a k6 older than MINIMUM_K6; undefined if it is recent enough. */
export function tooOld(path: string, version: string): UserError | undefined {
  if (compareVersions(version, MINIMUM_K6) >= 0) return undefined;
  return new UserError(`Expected k6 ${MINIMUM_K6} or later, found ${version}.`, {
    where: path,
    next: `update it (novaperf is tested with ${PINNED_K6}), or omit it: novaperf then finds or builds one`,
  });
}
