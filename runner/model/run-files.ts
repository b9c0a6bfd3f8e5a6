// Names of files in a run's folder that several rooms read or write.

/** The archive from which everything is rendered again. */
export const ARCHIVE_FILE = 'archive.ndjson.gz';
export const LOG_FILE = 'k6.log';
export const RAW_FILE = 'raw.json.gz';
