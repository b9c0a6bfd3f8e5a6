// The source of a scenario from a recording, an API description, a curl command or a collection.

import { basename } from 'node:path';
import { readBoundedFile } from '../system/bounded-file.ts';
import { readCurl } from './read-curl.ts';
import { readHar } from './read-har.ts';
import { readOpenApi } from './read-openapi.ts';
import { readPostman } from './read-postman.ts';
import { renderOpenApi } from './render-openapi.ts';
import { type RenderedScenario, type RenderOptions, renderRecording } from './render-recording.ts';

/** What to import. */
export type ImportSource =
  | { readonly kind: 'har'; readonly path: string }
  | { readonly kind: 'openapi'; readonly path: string }
  | { readonly kind: 'postman'; readonly path: string }
  | { readonly kind: 'curl'; readonly command: string };

const LARGEST_BYTES = 256 * 1024 * 1024;

/** The scenario. Throws a UserError with the place for an invalid file, and for one without requests. */
export async function importScenario(source: ImportSource, options: RenderOptions): Promise<RenderedScenario> {
  switch (source.kind) {
    case 'curl':
      return renderRecording(readCurl(source.command), options);
    case 'openapi':
      return renderOpenApi(await readOpenApi(source.path), options);
    case 'har':
      return renderRecording(readHar(await readText(source.path), basename(source.path)), options);
    case 'postman':
      return renderRecording(readPostman(await readText(source.path), basename(source.path)), options);
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await readBoundedFile(path, { what: 'a file', largestBytes: LARGEST_BYTES, where: path });
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}
