// A source that reads a CSV file once the run is over.

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parse } from 'csv-parse';
import type { AfterRunSource, Reading } from '../model/server.ts';
import { errorCode } from '../system/errors.ts';
import { type CsvOptions, CsvRows, parserOptions } from './csv-rows.ts';

/** More than a report can show; 200 columns every second for a day would be more. */
const MOST_READINGS = 2_000_000;

/**
 * Collects the rows of the run's time from a file that may still be written. Rejects if the file or its time column is
 * missing.
 */
export class CsvSource implements AfterRunSource {
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

/** The first line, from which the delimiter is guessed. Rejects if the file cannot be read. */
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
