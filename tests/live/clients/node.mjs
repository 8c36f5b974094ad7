// SPDX-License-Identifier: Apache-2.0
// Sends a script of requests with fetch(): node.mjs keep|close. Input and output: py_client.py.
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';

const close = process.argv[2] === 'close';
const results = [];
for (const step of JSON.parse(readFileSync(0))) {
  const response = await fetch(step.url, {
    method: step.method,
    body: step.body || undefined,
    headers: close ? {connection: 'close'} : {},
    redirect: 'manual',
  });
  const body = Buffer.from(await response.arrayBuffer());
  results.push({
    status: response.status,
    headers: [...response.headers],
    size: body.length,
    sha: createHash('sha256').update(body).digest('hex'),
  });
}
process.stdout.write(JSON.stringify(results), () => process.exit(0));
