// What the shop sells: 200 products in five categories, the same in every start whatever the seed, and how to find them.

/** A product as GET /products/:id returns it; the price is in whole currency units with two decimals. */
export interface Product {
  id: number;
  name: string;
  price: number;
  category: string;
  stock: number;
}

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
      // Fixed arithmetic instead of chance: the catalog is data, and its prices must not move with the seed.
      const price = (499 + ((id * 7919) % 9500)) / 100;
      return { id, name: `${adjective} ${nouns[n]}`, price, category, stock: (id * 37) % 120 };
    }),
  ).flat(),
);

/** The product, or undefined when there is none with this id. */
export function findProduct(id: number): Product | undefined {
  return PRODUCTS[id - 1];
}

/** One page of all products or of one category; pages count from 1; a page after the last has no items. */
export function listProducts(
  page: number,
  category: string | undefined,
): { items: object[]; page: number; pages: number } {
  const all = category === undefined ? PRODUCTS : PRODUCTS.filter((product) => product.category === category);
  const items = all.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map(withoutStock);
  return { items, page, pages: Math.ceil(all.length / PAGE_SIZE) };
}

/** Four other products of the same category: the next ones by id, going round. */
export function relatedProducts(product: Product): { items: object[] } {
  const family = PRODUCTS.filter(({ category }) => category === product.category);
  const after = [...family.filter(({ id }) => id > product.id), ...family.filter(({ id }) => id < product.id)];
  return { items: after.slice(0, RELATED_COUNT).map(withoutStock) };
}

/** Products whose name or category holds the text, letter case aside; at most one page of them, and how many there are. */
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
