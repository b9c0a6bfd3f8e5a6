// The shop's catalog: 200 products in five categories, independent of the seed.

/** A product as GET /products/:id returns it; the price is in whole currency units with two decimals. */
export interface Product {
  id: number;
  name: string;
  price: number;
  category: string;
  stock: number;
}

/** Products per page. */
export const PAGE_SIZE = 20;
const RELATED_COUNT = 4;

const ADJECTIVES = ['Quiet', 'Bright', 'Northern', 'Little', 'Amber'];
const NOUNS: ReadonlyArray<readonly [category: string, nouns: readonly string[]]> = [
  ['books', ['Atlas', 'Novel', 'Cookbook', 'Dictionary', 'Diary', 'Almanac', 'Biography', 'Anthology']],
  ['games', ['Puzzle', 'Chess', 'Dominoes', 'Marbles', 'Kite', 'Dice', 'Tangram', 'Yoyo']],
  ['garden', ['Spade', 'Rake', 'Trellis', 'Lantern', 'Planter', 'Bench', 'Hose', 'Birdhouse']],
  ['kitchen', ['Kettle', 'Skillet', 'Teapot', 'Ladle', 'Grater', 'Whisk', 'Carafe', 'Mortar']],
  ['music', ['Ukulele', 'Flute', 'Drum', 'Metronome', 'Violin', 'Cello', 'Trumpet', 'Kalimba']],
];

const PRODUCTS: readonly Product[] = ADJECTIVES.flatMap((adjective, a) =>
  Array.from({ length: 8 }, (_, n) =>
    NOUNS.map(([category, nouns], c) => {
      const id = a * 40 + n * 5 + c + 1;
      // Calculated and not random, because prices must not depend on the seed.
      const price = (499 + ((id * 7919) % 9500)) / 100;
      return { id, name: `${adjective} ${nouns[n]}`, price, category, stock: (id * 37) % 120 };
    }),
  ).flat(),
);

/** The product with this id, or undefined. */
export function findProduct(id: number): Product | undefined {
  return PRODUCTS[id - 1];
}

/** One page of all products or of one category, counted from 1; empty after the last page. */
export function listProducts(
  page: number,
  category: string | undefined,
): { items: object[]; page: number; pages: number } {
  const all = category === undefined ? PRODUCTS : PRODUCTS.filter((product) => product.category === category);
  const items = all.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map(withoutStock);
  return { items, page, pages: Math.ceil(all.length / PAGE_SIZE) };
}

/** The next four products of the same category by id, wrapping around. */
export function relatedProducts(product: Product): { items: object[] } {
  const family = PRODUCTS.filter(({ category }) => category === product.category);
  const after = [...family.filter(({ id }) => id > product.id), ...family.filter(({ id }) => id < product.id)];
  return { items: after.slice(0, RELATED_COUNT).map(withoutStock) };
}

/** Products with the text in their name or category, in any case; at most one page, and their number. */
export function searchProducts(query: string): { query: string; total: number; items: object[] } {
  const wanted = query.trim().toLowerCase();
  const hits = PRODUCTS.filter(
    ({ name, category }) => name.toLowerCase().includes(wanted) || category.includes(wanted),
  );
  return { query, total: hits.length, items: hits.slice(0, PAGE_SIZE).map(withoutStock) };
}

function withoutStock({ id, name, price, category }: Product): object {
  return { id, name, price, category };
}
