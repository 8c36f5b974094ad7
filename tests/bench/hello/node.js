// SPDX-License-Identifier: Apache-2.0
// The smallest server of Node's http: node.js PORT.
'use strict';
const http = require('node:http');

http.createServer((_, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end('{"hello":"world"}');
}).listen(Number(process.argv[2]), '127.0.0.1');
