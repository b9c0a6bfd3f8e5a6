// Customers: logins, tokens, carts and orders.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { findProduct } from './catalog.ts';

/** A cart as the API returns it. */
export interface Cart {
  items: Array<{ productId: number; name: string; price: number; quantity: number }>;
  total: number;
}

const USER_COUNT = 200;
// Bounded, because abandoned carts would be a memory leak.
const MAX_CARTS = 20_000;

/** Sessions and carts of one shop. Each login creates a session, so that two clients of one user never share a cart. */
export class Customers {
  readonly #key: string;
  readonly #carts = new Map<string, Map<number, number>>();
  #logins = 0;
  #orders = 0;

  constructor(seed: number) {
    this.#key = `demo shop ${seed}`;
  }

  /** A token for user001@shop.test with pass-001 … user200@shop.test with pass-200, undefined for anyone else. */
  logIn(email: string, password: string): string | undefined {
    const digits = /^user(\d{3})@shop\.test$/.exec(email)?.[1];
    if (digits === undefined || Number(digits) < 1 || Number(digits) > USER_COUNT) return undefined;
    if (password !== `pass-${digits}`) return undefined;
    const session = `${digits}-${++this.#logins}`;
    return `${session}.${this.#sign(session)}`;
  }

  /** Whether the token is from this shop. Tokens are signed, so no list of sessions grows with the run. */
  knows(token: string): boolean {
    const [session = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.#sign(session));
    const found = Buffer.from(signature);
    return expected.length === found.length && timingSafeEqual(expected, found);
  }

  /** Adds to the session's cart. The product must exist. */
  addToCart(token: string, productId: number, quantity: number): Cart {
    const lines = this.#carts.get(token) ?? new Map<number, number>();
    lines.set(productId, Math.min((lines.get(productId) ?? 0) + quantity, 9999));
    this.#carts.delete(token);
    this.#carts.set(token, lines);
    if (this.#carts.size > MAX_CARTS) {
      const oldest = this.#carts.keys().next();
      if (oldest.done !== true) this.#carts.delete(oldest.value);
    }
    return this.cart(token);
  }

  /** The session's cart, which may be empty. */
  cart(token: string): Cart {
    const items = [...(this.#carts.get(token) ?? [])].flatMap(([productId, quantity]) => {
      const product = findProduct(productId);
      return product === undefined ? [] : [{ productId, name: product.name, price: product.price, quantity }];
    });
    const cents = items.reduce((sum, item) => sum + Math.round(item.price * 100) * item.quantity, 0);
    return { items, total: cents / 100 };
  }

  emptyCart(token: string): void {
    this.#carts.delete(token);
  }

  /** Orders the cart and empties it; undefined for an empty cart. */
  order(token: string): { orderId: number; total: number } | undefined {
    const { items, total } = this.cart(token);
    if (items.length === 0) return undefined;
    this.#carts.delete(token);
    return { orderId: ++this.#orders, total };
  }

  #sign(session: string): string {
    return createHmac('sha256', this.#key).update(session).digest('base64url').slice(0, 22);
  }
}
