import { expect } from 'chai';
import { z } from 'zod';
import { type Demo, startDemo } from '../../runner/demo/start.ts';
import { call, logIn, metric, parseExposition, until } from './shop-client.ts';

const Item = z.strictObject({ id: z.number().int(), name: z.string(), price: z.number(), category: z.string() });
const Page = z.strictObject({ items: z.array(Item), page: z.number().int(), pages: z.number().int() });

describe('demo: the shop API', () => {
  let demo: Demo;
  let url = '';
  before(async () => {
    demo = await startDemo({ connections: 50 });
    url = demo.url;
  });
  after(() => demo.stop());

  it('pages through 200 products, each with its details and four others like it', async () => {
    const first = Page.parse((await call(url, 'GET /products')).body);
    expect([first.page, first.pages, first.items.length]).to.deep.equal([1, 10, 20]);
    const pages = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        call(url, `GET /products?page=${i + 1}`).then(({ body }) => Page.parse(body).items),
      ),
    );
    expect(pages.flat().map(({ id }) => id)).to.deep.equal(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(new Set(pages.flat().map(({ name }) => name)).size).to.equal(200);
    for (const item of pages.flat().filter(({ id }) => id % 40 === 3)) {
      const { body } = await call(url, `GET /products/${item.id}`);
      expect(body).to.deep.include(item).and.to.have.property('stock').that.is.a('number');
      const related = z
        .strictObject({ items: z.array(Item).length(4) })
        .parse((await call(url, `GET /products/${item.id}/related`)).body);
      for (const other of related.items)
        expect(other.category === item.category && other.id !== item.id).to.equal(true);
    }
  });

  it('lists one category, and nothing after the last page', async () => {
    for (const category of ['books', 'games', 'garden', 'kitchen', 'music']) {
      const { items, pages } = Page.parse((await call(url, `GET /products?category=${category}&page=2`)).body);
      expect([pages, items.length, ...new Set(items.map((item) => item.category))]).to.deep.equal([2, 20, category]);
    }
    expect(Page.parse((await call(url, 'GET /products?page=11')).body).items).to.deep.equal([]);
    expect(Page.parse((await call(url, 'GET /products?category=%3Cscript%3E')).body)).to.deep.equal({
      items: [],
      page: 1,
      pages: 0,
    });
  });

  it('searches names and categories', async () => {
    const search = async (text: string) => (await call(url, `GET /search?q=${encodeURIComponent(text)}`)).body;
    expect(await search('KETTLE')).to.deep.include({ query: 'KETTLE', total: 5 });
    expect(await search('garden'))
      .to.deep.include({ total: 40 })
      .and.to.have.property('items')
      .with.length(20);
    expect(await search('</script>"')).to.deep.equal({ query: '</script>"', total: 0, items: [] });
  });

  it('allows a purchase: log in, fill the cart, order once, and the cart is empty', async () => {
    const token = await logIn(url, '200');
    expect((await call(url, 'GET /cart', { token })).body).to.deep.equal({ items: [], total: 0 });
    const product = Item.parse(
      z.object({ items: z.array(Item) }).parse((await call(url, 'GET /products')).body).items[2],
    );
    const add = (quantity: number) =>
      call(url, 'POST /cart/items', { token, body: { productId: product.id, quantity } });
    expect((await add(1)).status).to.equal(201);
    const { body } = await add(2);
    const total = Math.round(product.price * 100 * 3) / 100;
    expect(body).to.deep.equal({
      items: [{ productId: product.id, name: product.name, price: product.price, quantity: 3 }],
      total,
    });

    const ordered = await call(url, 'POST /orders', { token });
    expect(ordered.status).to.equal(201);
    expect(z.strictObject({ orderId: z.number().int(), total: z.number() }).parse(ordered.body).total).to.equal(total);
    expect((await call(url, 'POST /orders', { token })).status).to.equal(409);

    await add(1);
    expect((await call(url, 'DELETE /cart', { token })).body).to.deep.equal({ items: [], total: 0 });
    expect((await call(url, 'GET /cart', { token })).body).to.deep.equal({ items: [], total: 0 });
  });

  it('gives two clients of one user a cart each', async () => {
    const [one, two] = [await logIn(url), await logIn(url)];
    await call(url, 'POST /cart/items', { token: one, body: { productId: 1, quantity: 1 } });
    expect((await call(url, 'POST /orders', { token: two })).status).to.equal(409);
    expect((await call(url, 'POST /orders', { token: one })).status).to.equal(201);
  });

  const login = (email: unknown, password: unknown) => ({ body: { email, password } });
  for (const [route, options, status] of [
    ['GET /products/0', {}, 404],
    ['GET /products/201', {}, 404],
    ['GET /products/abc', {}, 404],
    ['GET /products/7e0', {}, 404],
    ['GET /products/__proto__/related', {}, 404],
    ['GET /products?page=0', {}, 400],
    ['GET /products?page=1e3', {}, 400],
    ['GET /search', {}, 400],
    ['GET /search?q=%20', {}, 400],
    ['GET /', {}, 404],
    ['GET //', {}, 404],
    ['GET /products/1/reviews', {}, 404],
    ['POST /products', {}, 405],
    ['PUT /orders', {}, 405],
    ['POST /health', {}, 405],
    ['POST /login', login('user001@shop.test', 'pass-002'), 401],
    ['POST /login', login('user000@shop.test', 'pass-000'), 401],
    ['POST /login', login('user201@shop.test', 'pass-201'), 401],
    ['POST /login', login('user200@shop.test', 'pass-200'), 200],
    ['POST /login', login(1, null), 400],
    ['POST /login', { body: '{"email":' }, 400],
    ['POST /login', { body: 'null' }, 400],
    ['POST /login', {}, 400],
    ['POST /login', login('x'.repeat(70_000), 'y'), 413],
    ['GET /cart', {}, 401],
    ['GET /cart', { token: 'user001' }, 401],
    ['GET /cart', { token: '001-1.AAAAAAAAAAAAAAAAAAAAAA' }, 401],
    ['DELETE /cart', {}, 401],
    ['POST /orders', {}, 401],
    ['POST /cart/items', { body: { productId: 1, quantity: 1 } }, 401],
  ] satisfies Array<[string, { token?: string; body?: unknown }, number]>) {
    it(`answers ${status} to ${route} ${JSON.stringify(options).slice(0, 60)}`, async () => {
      const reply = await call(url, route, options);
      expect(reply.status).to.equal(status);
      if (status !== 200) expect(z.object({ error: z.string().min(1) }).safeParse(reply.body).success).to.equal(true);
    });
  }

  for (const [item, status] of [
    [{ productId: 1, quantity: 0 }, 400],
    [{ productId: 1, quantity: 100 }, 400],
    [{ productId: '1', quantity: 1 }, 400],
    [{ productId: 201, quantity: 1 }, 404],
    ['[', 400],
  ] satisfies Array<[unknown, number]>) {
    it(`answers ${status} to ${JSON.stringify(item)} in the cart`, async () => {
      expect((await call(url, 'POST /cart/items', { token: await logIn(url), body: item })).status).to.equal(status);
    });
  }

  it('exposes metrics in the Prometheus text format, with process metrics and consistent histograms', async () => {
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    const { types, samples } = parseExposition(await response.text());
    for (const [name, type] of [
      ['process_cpu_seconds_total', 'counter'],
      ['process_resident_memory_bytes', 'gauge'],
      ['nodejs_eventloop_lag_p99_seconds', 'gauge'],
      ['nodejs_heap_size_used_bytes', 'gauge'],
      ['http_requests_total', 'counter'],
      ['http_request_duration_seconds', 'histogram'],
      ['db_connection_wait_seconds', 'histogram'],
      ['db_connections_in_use', 'gauge'],
      ['db_connections_max', 'gauge'],
      ['db_connections_waiting', 'gauge'],
      ['shop_orders_total', 'counter'],
    ]) {
      expect(types.get(name ?? ''), name).to.equal(type);
    }
    for (const { name } of samples) {
      expect(types.has(name) || types.has(name.replace(/_(bucket|sum|count)$/, '')), name).to.equal(true);
    }
    const series = (name: string) =>
      samples.filter((one) => one.name === `http_request_duration_seconds${name}` && one.labels.route === '/products');
    const buckets = series('_bucket').filter(({ labels }) => labels.status === '200');
    const counts = buckets.map(({ value }) => value);
    expect(counts).to.deep.equal(counts.toSorted((a, b) => a - b));
    expect(buckets.at(-1)?.labels.le).to.equal('+Inf');
    expect(counts.at(-1)).to.equal(series('_count').find(({ labels }) => labels.status === '200')?.value);
  });

  it("counts each request by its route's pattern, so that hostile paths create no new series", async () => {
    const before = (await metric(url, 'http_requests_total', { route: 'unknown', status: '404' })) ?? 0;
    await Promise.all(Array.from({ length: 20 }, (_, i) => call(url, `GET /attack-${i}`)));
    await until(async () =>
      (await metric(url, 'http_requests_total', { route: 'unknown', status: '404' })) === before + 20
        ? true
        : undefined,
    );
    const { samples } = parseExposition(await (await fetch(`${url}/metrics`)).text());
    const routes = new Set(samples.flatMap(({ labels }) => (labels.route === undefined ? [] : [labels.route])));
    expect(routes.size).to.be.at.most(13);
    expect([...routes])
      .to.include('/products/:id/related')
      .and.not.include('/attack-1');
  });
});
