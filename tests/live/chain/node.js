// SPDX-License-Identifier: Apache-2.0
// A hop of the chain on Node: node.js PORT [NEXT_PORT|-] [POLL_PORT]; see aio.py.
'use strict';
const http = require('node:http');

const [port, next, poll] = [...process.argv.slice(2), '-', '-'];
const pause = (most) => new Promise((done) => setTimeout(done, Math.random() * most));

http.createServer(async (request, response) => {
  let body = 'leaf\n';
  try {
    if (next !== '-') {
      await pause(3);
      body = await (await fetch(`http://127.0.0.1:${next}${request.url}`)).text();
      await pause(3);
    }
    response.end(body);
  } catch (error) {
    response.statusCode = 502;
    response.end(String(error));
  }
}).listen(Number(port), '127.0.0.1');

if (poll && poll !== '-') {
  let number = 0;
  setInterval(() => {
    fetch(`http://127.0.0.1:${poll}/poll/${number++}`).then((answer) => answer.text());
  }, 50);
}
