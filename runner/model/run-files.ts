// Names of the files in a run's folder that more than one room reads or writes.

/** The archive that everything is rendered from again. */
export const ARCHIVE_FILE = 'archive.ndjson.gz';
export const LOG_FILE = 'k6.log';
export const RAW_FILE = 'raw.json.gz';
