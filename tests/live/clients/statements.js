// SPDX-License-Identifier: Apache-2.0
// The statements of driver_round_trips.py, with pg: node statements.js DB_PORT DATABASE.
'use strict';
const { Client } = require('pg');

async function main() {
  const [port, database] = process.argv.slice(2);
  const client = new Client({ host: '127.0.0.1', port: Number(port), user: 'postgres', database });
  await client.connect();
  for (let number = 0; number < 4; number++) {
    await client.query('insert into notes values ($1, $2)', [number, 'one']);
    await client.query('begin');
    await client.query('update notes set text = $1 where id = $2', ['two', number]);
    await client.query('commit');
    await client.query('select text from notes where id = $1', [number]);
    await client.query({ name: 'kept', text: 'select id from notes where id = $1', values: [number] });
    await client.query('select count(*) from notes');
  }
  await client.end();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
