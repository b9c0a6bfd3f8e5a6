// Argument: a file of k6's JSON output. Prints p95 of http_req_duration per name and status, by DuckDB with given column types and
// all cores.

import { DuckDBInstance } from '@duckdb/node-api';
import { printAnswer } from './print-answer.ts';

const QUERY = `
  SELECT data.tags.name AS name, data.tags.status AS status, count(*)::INTEGER AS samples,
         quantile_cont(data.value, 0.95) AS p95
  FROM read_json($path, format = 'newline_delimited', columns = {
    metric: 'VARCHAR', type: 'VARCHAR',
    data: 'STRUCT(value DOUBLE, tags STRUCT(name VARCHAR, status VARCHAR))'
  })
  WHERE type = 'Point' AND metric = 'http_req_duration'
  GROUP BY ALL`;

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
const result = await connection.runAndReadAll(QUERY, { path: process.argv[2] ?? '' });
await printAnswer(result.getRowObjectsJson());
