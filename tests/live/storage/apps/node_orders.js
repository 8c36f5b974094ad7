// SPDX-License-Identifier: Apache-2.0
// Orders on Node with pg: node node_orders.js PORT DB_PORT.
'use strict';
const http = require('node:http');
const { Pool } = require('pg');

const [port, database] = process.argv.slice(2).map(Number);
const pool = new Pool({
  host: '127.0.0.1', port: database, user: 'postgres', database: 'bench', max: 16,
});

http.createServer(async (request, response) => {
  try {
    await pool.query(`insert into orders select 1 as order${request.url.split('/').pop()}`);
    response.end('leaf\n');
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
}).listen(port, '127.0.0.1');
