// SPDX-License-Identifier: Apache-2.0
// Node's http server: node.js PORT. Answers as routes.py says.
'use strict';
const http = require('node:http');

const pieces = [1, 2, 3, 4, 5].map((n) => `piece ${n} of five\n`.repeat(50));
const large = Buffer.alloc(1049000, 'abcdefghijklmnopqrstuvwxyz');

function answer(path, body) {
  switch (path.split('?')[0].split('/').pop()) {
    case 'ok': return [200, 'ok\n'];
    case 'echo': return [200, body];
    case 'fail': return [500, 'it failed\n'];
    case 'chunked': return [200, pieces];
    case 'large': return [200, large];
    default: return [404, 'nothing here\n'];
  }
}

http.createServer((request, response) => {
  const body = [];
  request.on('data', (piece) => body.push(piece));
  request.on('end', () => {
    const [status, content] = answer(request.url, Buffer.concat(body));
    const headers = {'Content-Type': 'text/plain'};
    if (!Array.isArray(content)) headers['Content-Length'] = Buffer.byteLength(content);
    response.writeHead(status, headers);
    if (Array.isArray(content)) content.forEach((piece) => response.write(piece));
    response.end(Array.isArray(content) ? undefined : content);
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
