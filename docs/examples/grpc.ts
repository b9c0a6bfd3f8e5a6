// A unary gRPC call, by the service's own .proto file. k6 measures grpc_req_duration.

import { Client, StatusOK } from 'k6/net/grpc';
import { baseUrl, check, defineScenario } from 'novaperf';

export const options = defineScenario({
  component: 'Shop',
  load: { vus: 10 },
  thresholds: { grpc_req_duration: ['p(95)<200'] },
});

const client = new Client();
client.load(['.'], 'shop.proto');
let isConnected = false;

export default function add(): void {
  if (!isConnected) client.connect(baseUrl.replace(/^https?:\/\//, ''), { plaintext: !baseUrl.startsWith('https') });
  isConnected = true;
  const response = client.invoke('shop.Cart/Add', { id: 'book-7', n: 1 });
  check(response, { 'add: is OK': (found) => found.status === StatusOK });
}
