// Answers matched requests (query, body, token) with a status and a body. Malformed requests are answered without using a
// connection; the others after their service time.

import { z } from 'zod';
import { findProduct, listProducts, relatedProducts, searchProducts } from './catalog.ts';
import type { Customers } from './customers.ts';
import type { RouteName } from './routes.ts';

/** A response; the body is sent as JSON. */
export interface Answer {
  status: number;
  body: object;
}

/** A request for the routes. `body`: the raw text. */
export interface ShopRequest {
  productId: number;
  query: URLSearchParams;
  body: string;
  authorization: string | undefined;
}

/** Either an immediate answer to an invalid request, or the work that gives the answer after the service time. */
export type Admission = { refused: Answer } | { work: () => Answer };

const LoginBody = z.object({ email: z.string(), password: z.string() });
const CartItemBody = z.object({ productId: z.number().int(), quantity: z.number().int().min(1).max(99).default(1) });

/** Validates a request and returns its work. */
export function admit(route: RouteName, request: ShopRequest, customers: Customers, onOrder: () => void): Admission {
  switch (route) {
    case 'GET /products': {
      const page = request.query.get('page') ?? '1';
      if (!/^[1-9]\d{0,5}$/.test(page)) return refused(400, 'expected page to be an integer from 1');
      const category = request.query.get('category') ?? undefined;
      return { work: () => ok(listProducts(Number(page), category === '' ? undefined : category)) };
    }
    case 'GET /products/:id':
    case 'GET /products/:id/related':
      return {
        work: () => {
          const product = findProduct(request.productId);
          if (product === undefined) return failure(404, 'no such product');
          return ok(route === 'GET /products/:id' ? product : relatedProducts(product));
        },
      };
    case 'GET /search': {
      const query = request.query.get('q') ?? '';
      if (query.trim() === '' || query.length > 200) return refused(400, 'expected q to hold 1 to 200 characters');
      return { work: () => ok(searchProducts(query)) };
    }
    case 'POST /login': {
      const login = readBody(LoginBody, request.body);
      if ('refused' in login) return login;
      return {
        work: () => {
          const token = customers.logIn(login.value.email, login.value.password);
          return token === undefined ? failure(401, 'wrong email or password') : ok({ token });
        },
      };
    }
    default:
      return admitCustomer(route, request, customers, onOrder);
  }
}

/** The routes that need a token. */
function admitCustomer(
  route: 'GET /cart' | 'POST /cart/items' | 'DELETE /cart' | 'POST /orders',
  request: ShopRequest,
  customers: Customers,
  onOrder: () => void,
): Admission {
  const token = /^Bearer ([\w.-]{1,200})$/.exec(request.authorization ?? '')?.[1];
  if (token === undefined || !customers.knows(token)) return refused(401, 'expected a token from POST /login');
  switch (route) {
    case 'GET /cart':
      return { work: () => ok(customers.cart(token)) };
    case 'DELETE /cart':
      return {
        work: () => {
          customers.emptyCart(token);
          return ok(customers.cart(token));
        },
      };
    case 'POST /orders':
      return {
        work: () => {
          const order = customers.order(token);
          if (order === undefined) return failure(409, 'the cart is empty');
          onOrder();
          return { status: 201, body: order };
        },
      };
    case 'POST /cart/items': {
      const item = readBody(CartItemBody, request.body);
      if ('refused' in item) return item;
      const { productId, quantity } = item.value;
      return {
        work: () =>
          findProduct(productId) === undefined
            ? failure(404, 'no such product')
            : { status: 201, body: customers.addToCart(token, productId, quantity) },
      };
    }
  }
}

/** An answer with an error message. */
export function failure(status: number, error: string): Answer {
  return { status, body: { error } };
}

function ok(body: object): Answer {
  return { status: 200, body };
}

function refused(status: number, error: string): { refused: Answer } {
  return { refused: failure(status, error) };
}

function readBody<T>(schema: z.ZodType<T>, text: string): { value: T } | { refused: Answer } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refused(400, 'expected a JSON body');
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? { value: parsed.data } : refused(400, z.prettifyError(parsed.error));
}
