// A CSV file, whole or still being written, becomes the readings of a run: asked once the run is over.

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parse } from 'csv-parse';
import type { LaterSource, Reading } from '../model/server.ts';
import { errorCode } from '../system/errors.ts';
import { type CsvOptions, CsvRows, parserOptions } from './csv-rows.ts';

/** A day of 200 columns a second would be more; it would not fit a report either. */
const MOST_READINGS = 2_000_000;

export class CsvSource implements LaterSource {
  readonly kind = 'csv';
  readonly target: string;
  #remark: string | undefined;

  constructor(
    readonly name: string,
    private readonly path: string,
    private readonly options: CsvOptions,
  ) {
    this.target = path;
  }

  async collect(range: { fromMs: number; toMs: number }, signal: AbortSignal): Promise<readonly Reading[]> {
    const rows = new CsvRows(this.options);
    const readings: Reading[] = [];
    const parser = parse(parserOptions(await firstLineOf(this.path)));
    const file = createReadStream(this.path, { signal });
    file.on('error', (error) => parser.destroy(error)).pipe(parser);
    try {
      for await (const cells of parser) {
        if (!Array.isArray(cells)) continue;
        const read = rows.row(cells.map(String), Number.NaN);
        if (read.length > 0 && !rows.hasTimes)
          throw new Error('expected a column with the time, found none; set time_column');
        for (const reading of read) {
          if (reading.atMs < range.fromMs || reading.atMs > range.toMs) continue;
          if (readings.length >= MOST_READINGS)
            throw new Error(`it has more than ${MOST_READINGS} values for this run`);
          readings.push(reading);
        }
      }
    } finally {
      file.destroy();
    }
    const refused = parser.info.invalid_field_length + rows.untimed;
    if (refused > 0)
      this.#remark = `${refused} rows were skipped: no readable time, or not as many cells as the header`;
    return readings;
  }

  remarks(): readonly string[] {
    return this.#remark === undefined ? [] : [this.#remark];
  }
}

/** Tells which character divides the cells. Rejects where there is no such file. */
async function firstLineOf(path: string): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    throw new Error(
      errorCode(error) === 'ENOENT' ? 'there is no such file' : `it cannot be read (${errorCode(error)})`,
    );
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead).toString('utf8').split('\n')[0] ?? '';
  } finally {
    await file.close();
  }
}
