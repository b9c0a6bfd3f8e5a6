import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { openInput } from '../../runner/metrics/bytes/input.ts';
import { looksLikeLog } from '../../runner/metrics/bytes/log-lines.ts';
import { UserError } from '../../runner/system/errors.ts';

const TEXT = Array.from({ length: 200_000 }, (_, i) => `{"line":${i}}\n`).join('');

describe('input', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'novaperf-input-'));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  async function readAll(name: string, content: string | Buffer) {
    const path = join(folder, name);
    await writeFile(path, content);
    const input = await openInput(path);
    const chunks: Buffer[] = [];
    for await (const chunk of input.chunks) chunks.push(Buffer.from(chunk));
    return { text: Buffer.concat(chunks).toString(), truncated: input.truncated, head: input.head };
  }

  const packed = gzipSync(TEXT);
  const WHOLE: ReadonlyArray<readonly [what: string, name: string, content: string | Buffer, text: string]> = [
    ['a plain file', 'plain.json', TEXT, TEXT],
    ['a gzip file', 'packed.json.gz', packed, TEXT],
    ['gzip under a plain name', 'packed.json', packed, TEXT],
    ['plain text under a gzip name', 'plain.json.gz', TEXT, TEXT],
    ['two gzip files put together', 'two.gz', Buffer.concat([packed, packed]), TEXT + TEXT],
    ['an empty file', 'empty.json', '', ''],
    ['the gzip of nothing', 'empty.gz', gzipSync(''), ''],
    ['a file of one byte', 'one.json', '{', '{'],
  ];
  for (const [what, name, content, text] of WHOLE) {
    it(`reads all bytes of ${what}`, async () => {
      const read = await readAll(name, content);
      expect(read.text === text).to.equal(true);
      expect(read.truncated).to.equal(false);
      expect(text.startsWith(read.head.toString())).to.equal(true);
      expect(read.head.length > 0).to.equal(text.length > 0);
    });
  }

  it('reads a cut gzip as far as it goes, and reports the cut', async () => {
    const read = await readAll('cut.gz', packed.subarray(0, packed.length / 2));
    expect(read.truncated).to.equal(true);
    expect(read.text.length).to.be.within(TEXT.length / 4, TEXT.length - 1);
    expect(TEXT.startsWith(read.text)).to.equal(true);
  });

  it('reads a damaged gzip up to the damage, and reports it', async () => {
    const damaged = Buffer.from(packed);
    randomBytes(1000).copy(damaged, packed.length / 2);
    const read = await readAll('damaged.gz', damaged);
    expect(read.truncated).to.equal(true);
    expect(read.text.slice(0, TEXT.length / 4)).to.equal(TEXT.slice(0, TEXT.length / 4));
  });

  it('reads nothing from a gzip that ends in its header', async () => {
    const read = await readAll('header.gz', packed.subarray(0, 5));
    expect([read.text, read.truncated]).to.deep.equal(['', true]);
  });

  it('reads stdin for -, also gzipped', async () => {
    const cat = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
    cat.stdin.end(packed);
    const input = await openInput('-', cat.stdout);
    let length = 0;
    for await (const chunk of input.chunks) length += chunk.length;
    expect([input.name, length, input.truncated]).to.deep.equal(['stdin', TEXT.length, false]);
  });

  it('reads no faster than its consumer', async () => {
    let given = 0;
    async function* source() {
      for (; given < 1000; given++) yield Buffer.from(TEXT.slice(0, 1000));
    }
    const input = await openInput('-', source());
    for await (const chunk of input.chunks) {
      expect(chunk.length).to.equal(1000);
      break;
    }
    expect(given).to.be.below(5);
  });

  async function errorOf(path: string): Promise<UserError> {
    try {
      await openInput(path);
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
    throw new Error('Expected an error');
  }

  it('names the nearest files if a file does not exist', async () => {
    await writeFile(join(folder, 'results.json.gz'), '');
    const userError = await errorOf(join(folder, 'result.json.gz'));
    expect(userError.message).to.include('result.json.gz');
    expect(userError.next).to.include('results.json.gz');
    expect(userError.where).to.equal(join(folder, 'result.json.gz'));
  });

  const UNREADABLE: ReadonlyArray<readonly [what: string, path: () => string, said: string]> = [
    ['a folder that does not exist', () => join(folder, 'no', 'such.json'), 'does not exist'],
    ['a folder', () => folder, 'found a folder'],
    ['a path through a file', () => join(folder, 'plain.json', 'x.json'), 'ENOTDIR'],
  ];
  for (const [what, path, said] of UNREADABLE) {
    it(`gives an error for ${what}`, async () => {
      await writeFile(join(folder, 'plain.json'), '');
      expect((await errorOf(path())).toText()).to.include(said);
    });
  }

  const HEADS: ReadonlyArray<readonly [head: string, isLog: boolean]> = [
    ['[0,"novaperf",{"v":1', true],
    ['\ufeff\n [17,0,3', true],
    ['{"type":"Metric","data":{', false],
    ['\ufeff{"type":"Metric","data":{', false],
    ['\ufeff\r\n {"type":"Metric","data":{', false],
    ['', true],
    ['time="2026', true],
  ];
  for (const [head, isLog] of HEADS) {
    it(`recognises ${JSON.stringify(head)} as ${isLog ? 'a log or a histograms stream' : "k6's JSON output"}`, () => {
      expect(looksLikeLog(Buffer.from(head))).to.equal(isLog);
    });
  }
});
