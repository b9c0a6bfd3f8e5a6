import { expect } from 'chai';
import { objectName, runnerArguments, runObjects } from '../../runner/cluster/objects.ts';
import { clusterOf, clusterSchema } from '../../runner/config/cluster-config.ts';
import { UserError } from '../../runner/system/errors.ts';
import { aCluster, aRun } from './cluster-run.ts';

const specOf = (changes: Parameters<typeof aRun>[0]) => {
  const { testRun, helpers } = runObjects(aRun(changes));
  return { spec: Object(testRun.spec), helpers };
};

describe('the objects of a run on a cluster', () => {
  it('leaves out of the TestRun what the operator handles wrongly', () => {
    const { spec } = specOf({ k6Args: ['--tag', 'team=a'] });
    expect(spec).to.not.have.property('cleanup');
    expect(spec).to.not.have.property('separate');
    expect(spec.initializer).to.deep.equal({ disabled: true });
    expect(spec.arguments).to.match(/^--tag team=a .*--no-thresholds .*--out novaperf=-/);
    expect(spec.runner.image).to.equal('localhost/k6:1');
    expect(spec.starter.image).to.equal('localhost/k6-starter:1');
  });

  it('passes variables in a Secret and the script in a ConfigMap', () => {
    const { spec, helpers } = specOf({
      variables: { TOKEN: 'hidden value' },
      cluster: aCluster({ envFromSecrets: ['more'] }),
    });
    const secret = helpers.find(({ kind }) => kind === 'Secret');
    expect(secret?.stringData).to.deep.equal({ TOKEN: 'hidden value' });
    expect(JSON.stringify(spec)).to.not.contain('hidden value');
    expect(spec.runner.envFrom).to.deep.equal([
      { secretRef: { name: 'more' } },
      { secretRef: { name: 'recorded-env' } },
    ]);
    expect(spec.script.configMap).to.deep.equal({ name: 'recorded-script', file: 'script.js' });
  });

  it('puts scripts up to 1,000,000 bytes into the ConfigMap, and takes larger ones from the configured place', () => {
    const script = 'x'.repeat(1_000_000);
    expect(runObjects(aRun({ script })).helpers.map(({ kind }) => kind)).to.include('ConfigMap');
    expect(() => runObjects(aRun({ script: `${script}x` }))).to.throw(UserError, '1,000,001');
    const claimed = specOf({
      script: `${script}x`,
      cluster: aCluster({ script: { kind: 'volume-claim', name: 'pvc', file: 's.js' } }),
    });
    expect(claimed.spec.script).to.deep.equal({ volumeClaim: { name: 'pvc', file: 's.js' } });
    const inImage = specOf({
      script: `${script}x`,
      cluster: aCluster({ script: { kind: 'in-image', path: '/test/s.js' } }),
    });
    expect(inImage.spec.script).to.deep.equal({ localFile: '/test/s.js' });
  });

  it('accepts up to 1,000,000 bytes of variables, including what setup() returned', () => {
    const variables = { A: 'x'.repeat(499_999), B: 'y'.repeat(499_999) };
    runObjects(aRun({ variables }));
    expect(() => runObjects(aRun({ variables: { ...variables, C: '' } }))).to.throw(UserError, '1,000,001');
  });

  it('requires at least as many VUs as runners', () => {
    expect(() => runObjects(aRun({ parallelism: 5, maxVUs: 4 }))).to.throw(UserError, /5 runners/);
    runObjects(aRun({ parallelism: 4, maxVUs: 4 }));
  });

  it('rejects arguments that the operator would split', () => {
    expect(() => runnerArguments(['--tag', 'team=a b'])).to.throw(UserError, /spaces/);
  });

  it('applies every setting of the cluster to the runners', () => {
    const cluster = clusterOf(
      'c',
      clusterSchema.parse({
        image: 'registry.example/k6:2.2.0-1',
        image_pull_policy: 'Always',
        image_pull_secrets: ['pull'],
        namespace: 'load',
        labels: { team: 'a' },
        service_account: 'k6',
        resources: { limits: { memory: '1Gi' } },
        node_selector: { pool: 'load' },
        tolerations: [{ key: 'load', operator: 'Exists' }],
        topology_spread_constraints: [{ maxSkew: 1 }],
        readiness_probe: { periodSeconds: 1 },
      }),
    );
    const { testRun } = runObjects(aRun({ cluster }));
    expect(Object(testRun.metadata)).to.deep.include({ namespace: 'load' });
    expect(Object(testRun.spec).runner).to.deep.include({
      image: 'registry.example/k6:2.2.0-1',
      imagePullPolicy: 'Always',
      imagePullSecrets: [{ name: 'pull' }],
      serviceAccountName: 'k6',
      resources: { limits: { memory: '1Gi' } },
      nodeSelector: { pool: 'load' },
      tolerations: [{ key: 'load', operator: 'Exists' }],
      topologySpreadConstraints: [{ maxSkew: 1 }],
      readinessProbe: { periodSeconds: 1 },
      metadata: { labels: { team: 'a' }, annotations: {} },
    });
    expect(Object(testRun.spec).starter.image).to.match(/:starter-v\d/);
  });

  const IMAGES: ReadonlyArray<[image: string, isTaken: boolean]> = [
    ['registry.example/k6:2.2.0-1', true],
    ['localhost:5000/k6:1', true],
    [`k6@sha256:${'a'.repeat(64)}`, true],
    ['k6:latest', false],
    ['k6', false],
    ['localhost:5000/k6', false],
  ];
  for (const [image, isTaken] of IMAGES) {
    it(`${isTaken ? 'accepts' : 'rejects'} the image ${image}`, () => {
      expect(clusterSchema.safeParse({ image }).success).to.equal(isTaken);
    });
  }

  const NAMES: ReadonlyArray<[scenario: string, name: string]> = [
    ['browse-catalog', 'browse-catalog-20261129t210000'],
    ['Größe & Preis', 'gr-e-preis-20261129t210000'],
    ['123', 'run-20261129t210000'],
    ['a'.repeat(80), `${'a'.repeat(24)}-20261129t210000`],
  ];
  for (const [scenario, name] of NAMES) {
    it(`names the run of ${scenario.slice(0, 20)} ${name}`, () => {
      expect(objectName(scenario, Date.UTC(2026, 10, 29, 21))).to.equal(name);
    });
  }
});
