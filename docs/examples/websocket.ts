// A chat over a WebSocket: a message is sent, and its echo is waited for. k6 counts sessions and messages: ws_sessions, ws_msgs_received.

import { Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';
import { baseUrl, check, defineScenario } from 'novaperf';

export const options = defineScenario({
  component: 'Chat',
  load: { vus: 10 },
  thresholds: { chat_echo: ['p(95)<200'] },
});

const echo = new Trend('chat_echo', true);

export default function chat(): void {
  const socket = new WebSocket(`${baseUrl.replace(/^http/, 'ws')}/chat`);
  let sentAtMs = 0;
  socket.onopen = () => {
    sentAtMs = Date.now();
    socket.send('hello');
  };
  socket.onmessage = (event) => {
    echo.add(Date.now() - sentAtMs);
    check(event?.data, { 'chat: echoes the message': (text) => text === 'hello' });
    socket.close();
  };
  // An answer that never comes must not hold the VU.
  const timer = setTimeout(() => socket.close(), 10_000);
  socket.onclose = () => clearTimeout(timer);
}
