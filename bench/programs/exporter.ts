// An exporter with the given number of series, gauges and counters with labels as of a node, on a free loopback port, which it prints.

import { createServer } from 'node:http';

const series = Number(process.argv[2]);
let scrapes = 0;

const server = createServer((_, response) => {
  scrapes++;
  response.setHeader('content-type', 'text/plain; version=0.0.4');
  response.end(exposition());
});

function exposition(): string {
  const lines: string[] = [];
  for (let family = 0; family * 10 < series; family++) {
    const isCounter = family % 2 === 0;
    const name = isCounter ? `bench_requests_${family}_total` : `bench_memory_${family}_bytes`;
    lines.push(
      `# HELP ${name} What is counted or measured here, in a sentence`,
      `# TYPE ${name} ${isCounter ? 'counter' : 'gauge'}`,
    );
    for (let i = 0; i < Math.min(10, series - family * 10); i++) {
      // Every value changes in every scrape, with all digits.
      const value = isCounter ? scrapes * (i + 1) * 13.7 : 1e8 + 1e6 * Math.sin(scrapes + i + family);
      lines.push(`${name}{instance="10.0.0.${i}:8080",method="GET",route="/products/:id",status="200"} ${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
});
process.on('disconnect', () => process.exit());
