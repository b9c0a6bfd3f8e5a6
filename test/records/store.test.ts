import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { fileNameOf, nameOfFile } from '../../runner/config/file-names.ts';
import { checkStore } from '../../runner/records/repair/check.ts';
import { type ConportStore, openStore } from '../../runner/records/store/store.ts';
import { withLock } from '../../runner/system/lock.ts';
import { stateOf, thisProcess } from '../../runner/system/process-identity.ts';
import { LONGEST_TEXT } from '../../runner/text/record-text.ts';
import { anyCharacter } from '../any-character.ts';
import { propertyRuns } from '../property-runs.ts';
import { errorOf } from './error-of.ts';
import { inStore, inTemporaryFolder } from './samples.ts';

const newProgress = (store: ConportStore, description: string) =>
  store.progress.create((id) => ({
    id,
    timestamp: '2026-11-23T14:00:00.000Z',
    status: 'TODO',
    description,
    parent_id: null,
  }));

describe('the store', () => {
  it('keeps comments and unknown fields when an item changes', () =>
    inStore(async (store) => {
      const id = await newProgress(store, 'x');
      const path = store.progress.path(id);
      await writeFile(path, `# looked at by Kim\n${await readFile(path, 'utf8')}owner: Kim # since Monday\n`);
      await store.progress.update(id, (entry) => ({ ...entry, status: 'DONE' }));
      const text = await readFile(path, 'utf8');
      expect(text)
        .to.match(/^# looked at by Kim\nid: 1\n/)
        .and.to.contain('owner: Kim # since Monday');
      expect(await store.progress.read(id)).to.include({ status: 'DONE', owner: 'Kim' });
    }));

  it('writes fields in a fixed order, and nothing if nothing changed', () =>
    inStore(async (store) => {
      const id = await newProgress(store, 'x');
      const path = store.progress.path(id);
      const text = await readFile(path, 'utf8');
      expect(text.match(/^\w+(?=:)/gm)).to.deep.equal(['id', 'timestamp', 'status', 'description', 'parent_id']);
      await chmod(dirname(path), 0o555);
      await store.progress.update(id, (entry) => ({ ...entry }));
      await chmod(dirname(path), 0o755);
      expect(await readFile(path, 'utf8')).to.equal(text);
    }));

  it('leaves no temporary file behind', () =>
    inStore(async (store) => {
      await newProgress(store, 'x');
      await store.customData.create('Notes', ['a'], () => 1);
      const names = await readdir(store.dir, { recursive: true });
      expect(names.filter((name) => name.endsWith('.tmp') || name.endsWith('lock'))).to.deep.equal([]);
    }));

  it('truncates a text of a megabyte and notes how much was left out', () =>
    inStore(async (store) => {
      const id = await newProgress(store, 'x'.repeat(1 << 20));
      const description = (await store.progress.read(id))?.description ?? '';
      expect(description.length).to.be.within(LONGEST_TEXT, LONGEST_TEXT + 60);
      expect(description).to.match(/ … \(1028576 more characters left out\)$/);
    }));

  it('keeps every key in its folder, in a file of its own', () =>
    inStore(async (store) => {
      const root = join(store.dir, 'custom_data');
      const key = fc.oneof(
        fc.string({ unit: anyCharacter, minLength: 1 }),
        fc.string({
          unit: fc.constantFrom('.', '/', '\\', '~', 'a', 'A', ' ', '\u0000', 'é', 'e\u0301', ':', '*'),
          minLength: 1,
        }),
        fc.constantFrom(
          '..',
          '.',
          '../../etc/passwd',
          'con',
          'NUL.txt',
          'a'.repeat(4000),
          '-rf',
          'x~0123456789ab',
          '.gitignore',
        ),
      );
      fc.assert(
        fc.property(key, key, (a, b) => {
          const path = relative(root, store.customData.path(a, b));
          expect(path.split('/'), path).to.have.length(2);
          expect(path).not.to.match(/^\.|\/\.|\\|\0/);
          expect(Buffer.byteLength(fileNameOf(a))).to.be.at.most(160);
          // Every lone surrogate becomes U+FFFD, so such keys cannot be distinguished in any file.
          if (a !== b && !/\p{Surrogate}/u.test(a + b)) expect(fileNameOf(a)).not.to.equal(fileNameOf(b));
          expect([a, undefined]).to.include(nameOfFile(fileNameOf(a)));
        }),
        { numRuns: propertyRuns(3000) },
      );
      await store.customData.create('../Evil', ['../../x\u0000'], () => ({ n: 1 }));
      const [category = ''] = await store.customData.categories();
      expect(category).to.match(/^Evil~/);
      expect((await store.customData.readable('../Evil')).items[0]?.key).to.equal('../../x\u0000');
    }));

  it('reads a file that contains only the value, and keeps it so', () =>
    inStore(async (store) => {
      const path = store.customData.path('PerformanceTargets', 'Catalog_Targets_v1');
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'component: Catalog\np95_ms: 300 # agreed\n');
      expect((await store.customData.read('PerformanceTargets', 'Catalog_Targets_v1'))?.value).to.deep.equal({
        component: 'Catalog',
        p95_ms: 300,
      });
      await store.customData.update('PerformanceTargets', 'Catalog_Targets_v1', (value) => ({
        ...Object(value),
        p99_ms: 900,
      }));
      expect(await readFile(path, 'utf8')).to.equal('component: Catalog\np95_ms: 300 # agreed\np99_ms: 900\n');
    }));

  it('gives file, line and field of an invalid item', () =>
    inStore(async (store) => {
      const id = await newProgress(store, 'x');
      const path = store.progress.path(id);
      await writeFile(path, 'id: 1\ntimestamp: now\nstatus: 5\ndescription: x\n');
      const userError = await errorOf(() => store.progress.read(id));
      expect(userError.where).to.equal(`${path}:3:1: status`);
      expect(userError.message).to.contain('expected string');
      await writeFile(path, 'id: 2\ntimestamp: now\nstatus: TODO\ndescription: x\n');
      expect((await errorOf(() => store.progress.read(id))).message).to.contain('found id 2');
    }));

  it('gives an error if it cannot be written', async function () {
    if (process.getuid?.() === 0) this.skip(); // root may write anywhere
    await inTemporaryFolder(async (folder) => {
      await chmod(folder, 0o555);
      const userError = await errorOf(() => openStore(join(folder, 'conport')));
      await chmod(folder, 0o755);
      expect(userError.where).to.equal(join(folder, 'conport'));
    });
  });

  it('gives an error if it is a file', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'conport'), '');
      expect((await errorOf(() => openStore(join(folder, 'conport')))).message).to.contain('EEXIST');
    }));

  it('reports every invalid file, link and parent in a check', () =>
    inStore(async (store) => {
      const id = await newProgress(store, 'x');
      await store.progress.update(id, (entry) => ({ ...entry, parent_id: 99 }));
      await store.link(['progress_entry', id], 'tracks', ['decision', 7]);
      await writeFile(store.progress.path(5), 'id: [');
      await store.customData.create('ErrorLogs', ['EL_1'], () => ({ status: 'SLEEPING' }));
      await store.customData.create('PerformanceTargets', ['Catalog_Targets_v1'], () => ({
        targets: [{ metric: 'x' }],
      }));
      const { problems } = await checkStore(store);
      const texts = problems.map(({ level, text }) => `${level} ${text}`);
      const wanted = [
        /^error Expected a progress item in YAML.*\n {2}at .*5\.yaml:1:/,
        /^error .*\n {2}at .*Catalog_Targets_v1\.yaml:\d+:\d+: targets\[0\]/,
        /^warning progress 1: its parent 99 does not exist$/,
        /^warning link 1: there is no decision 7$/,
        /^warning ErrorLogs:EL_1: schema_version: /,
      ];
      for (const pattern of wanted)
        expect(
          texts.filter((text) => pattern.test(text)),
          `${pattern}\n${texts.join('\n')}`,
        ).to.have.length(1);
    }));
});

describe('the lock', () => {
  it('has one holder at a time', () =>
    inTemporaryFolder(async (folder) => {
      let inside = 0;
      let most = 0;
      const work = async () => {
        most = Math.max(most, ++inside);
        await new Promise((done) => setTimeout(done, 2));
        inside--;
      };
      await Promise.all(Array.from({ length: 30 }, () => withLock(join(folder, '.lock'), work)));
      expect(most).to.equal(1);
    }));

  it('of a killed process is taken over by one of those waiting', () =>
    inTemporaryFolder(async (folder) => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      await once(child, 'spawn');
      const holder = { ...(await thisProcess()), pid: child.pid };
      const lock = join(folder, '.lock');
      await writeFile(lock, JSON.stringify({ ...holder, started: 'unknown' }));
      child.kill('SIGKILL');
      await once(child, 'exit');
      const entered: number[] = [];
      await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          withLock(lock, async () => {
            entered.push(index);
          }),
        ),
      );
      expect(entered).to.have.length(8);
      expect(await readdir(folder)).to.deep.equal([]);
    }));

  it('of a running process is waited for, then reported in an error', () =>
    inTemporaryFolder(async (folder) => {
      const lock = join(folder, '.lock');
      await writeFile(lock, JSON.stringify(await thisProcess()));
      const userError = await errorOf(() => withLock(lock, async () => undefined, { waitMs: 50 }));
      expect(userError.message).to.contain(`process ${process.pid} on ${hostname()}`);
    }));

  it('identifies a process by its start time, not only by its number', async () => {
    const mine = await thisProcess();
    expect(await stateOf(mine)).to.equal('running');
    expect(await stateOf({ ...mine, host: 'elsewhere' })).to.equal('elsewhere');
    if (mine.started !== '') expect(await stateOf({ ...mine, started: 'another' })).to.equal('gone');
  });
});
