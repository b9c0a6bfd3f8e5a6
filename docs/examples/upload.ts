// A picture is uploaded as a browser's form does it.

import { baseUrl, check, defineScenario, http } from 'novaperf';

export const options = defineScenario({ component: 'Media', load: { vus: 5 } });

// Opened once in the init context; relative to this file.
const picture = open('./picture.png', 'b');

export default function upload(): void {
  const form = { title: 'A picture', file: http.file(picture, 'picture.png', 'image/png') };
  const response = http.post(`${baseUrl}/files`, form);
  check(response, { 'upload: answers 201': ({ status }) => status === 201 });
}
