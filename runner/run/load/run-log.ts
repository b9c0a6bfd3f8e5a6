// Entries of k6's log become k6.log, counted exceptions and samples of failed requests; the script's output becomes events.

import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { ExceptionCounter } from '../../k6/exceptions.ts';
import { type LogEntry, LogText, renderLogEntry } from '../../k6/log.ts';
import { ReportedErrors } from '../../k6/reported-errors.ts';
import type { ErrorSample } from '../../model/error-sample.ts';
import type { ScriptException } from '../../model/run.ts';
import { LOG_FILE } from '../../model/run-files.ts';
import { messageOf } from '../../system/errors.ts';
import { redactText } from '../../text/secrets.ts';
import { ErrorSamples } from './error-samples.ts';
import type { Execution } from './execution.ts';

/** The log of one run, redacted. */
export class RunLog {
  readonly #archive: Execution['archive'];
  readonly #listener: Execution['listener'];
  readonly #file: WriteStream;
  readonly #text = new LogText();
  readonly #exceptions = new ExceptionCounter();
  readonly #samples = new ErrorSamples();
  readonly #reported = new ReportedErrors();

  /** Creates k6.log in the folder; calls `onProblem` once if it cannot be written. */
  constructor({ folder, archive, listener }: Execution, onProblem: (warning: string) => void) {
    this.#archive = archive;
    this.#listener = listener;
    this.#file = createWriteStream(join(folder, LOG_FILE));
    this.#file.on('error', (error) => onProblem(`k6.log could not be written: ${messageOf(error)}`));
  }

  add(entry: LogEntry): void {
    if (ErrorSamples.isLine(entry)) {
      const sample = this.#samples.add(entry);
      if (sample !== undefined) this.#archive.sample(sample);
      return;
    }
    this.#exceptions.add(entry);
    this.#reported.add(entry);
    this.#file.write(redactText(this.#text.add(entry)));
    if (entry.source === 'console') this.#show(redactText(renderLogEntry(entry).trimEnd()));
  }

  /** Adds the output of handleSummary(). */
  print(text: string): void {
    const shown = redactText(text).trimEnd();
    if (shown === '') return;
    this.#file.write(`${shown}\n`);
    this.#show(shown);
  }

  get iterationExceptions(): number {
    return this.#exceptions.iterationCount;
  }

  exceptions(): ScriptException[] {
    return this.#exceptions.exceptions().map((thrown) => ({ ...thrown, message: redactText(thrown.message) }));
  }

  /** Errors and lost samples that k6 reported, as sentences for the report. */
  warnings(exitCode: number | null | undefined): string[] {
    return this.#reported.sentences(exitCode).map(redactText);
  }

  samples(): ErrorSample[] {
    return this.#samples.samples();
  }

  /** Writes the counts of repeated lines and closes the file. */
  async end(): Promise<void> {
    this.#file.write(redactText(this.#text.end()));
    this.#file.end();
    await finished(this.#file).catch(() => undefined);
  }

  #show(line: string): void {
    this.#listener({ kind: 'log', line });
  }
}
