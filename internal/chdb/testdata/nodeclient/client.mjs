// What a program written with ClickHouse's own client for Node does first. It takes the address and who asks from the
// environment, writes one line for each thing that went well, and fails at the first that did not.
import assert from 'node:assert/strict'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'

const options = {
  url: process.env.CLICKHOUSE_URL,
  username: process.env.CLICKHOUSE_USER,
  password: process.env.CLICKHOUSE_PASSWORD,
  database: process.env.CLICKHOUSE_DATABASE,
  log: { level: ClickHouseLogLevel.OFF },
}
const client = createClient(options)
const rows = async (from, query, more) => (await from.query({ query, format: 'JSONEachRow', ...more })).json()

const ping = await client.ping()
assert.ok(ping.success, String(ping.error))
console.log('ping')

assert.deepEqual(await rows(client, 'SELECT {n: UInt32} + 1 AS n', { query_params: { n: 41 } }), [{ n: 42 }])
console.log('query')

await client.command({ query: 'CREATE TABLE node (id UInt64, name String, at DateTime64(3)) ENGINE = MergeTree ORDER BY id' })
await client.insert({
  table: 'node',
  values: [{ id: '18446744073709551615', name: '回線', at: '2026-01-02 03:04:05.678' }, { id: 1, name: '', at: 0 }],
  format: 'JSONEachRow',
})
assert.deepEqual(await rows(client, 'SELECT toString(id) AS n, name, toString(at) AS t FROM node WHERE id > 1'), [
  { n: '18446744073709551615', name: '回線', t: '2026-01-02 03:04:05.678' },
])
console.log('insert')

const session = createClient({ ...options, session_id: 'node-' + process.pid, max_open_connections: 1 })
await session.command({ query: 'CREATE TEMPORARY TABLE mine (a UInt8)' })
await session.insert({ table: 'mine', values: [[7]], format: 'JSONCompactEachRow' })
assert.deepEqual(await rows(session, 'SELECT a FROM mine'), [{ a: 7 }])
await assert.rejects(rows(client, 'SELECT a FROM mine'), /mine/)
await session.close()
console.log('session')

let count = 0
const stream = (await client.query({ query: 'SELECT number FROM numbers(100000)', format: 'JSONCompactEachRow' })).stream()
for await (const batch of stream) count += batch.length
assert.equal(count, 100000)
console.log('stream')

const zipped = createClient({ ...options, compression: { request: true, response: true } })
await zipped.insert({ table: 'node', values: [{ id: 2, name: 'x'.repeat(100000), at: 0 }], format: 'JSONEachRow' })
assert.deepEqual(await rows(zipped, 'SELECT toUInt32(length(name)) AS n FROM node WHERE id = 2'), [{ n: 100000 }])
await zipped.close()
console.log('compression')

await assert.rejects(rows(client, 'SELEC 1'), (e) => e.code === '62' && e.type === 'SYNTAX_ERROR')
const stranger = createClient({ ...options, password: 'wrong' })
await assert.rejects(rows(stranger, 'SELECT 1'), (e) => e.type === 'AUTHENTICATION_FAILED' || e.type === 'REQUIRED_PASSWORD')
await stranger.close()
console.log('errors')

const abort = new AbortController()
const slow = client.query({ query: 'SELECT sleepEachRow(0.1) FROM numbers(15) SETTINGS max_block_size = 1', abort_signal: abort.signal })
setTimeout(() => abort.abort(), 50)
await assert.rejects(slow)
assert.deepEqual(await rows(client, 'SELECT 1 AS one'), [{ one: 1 }])
console.log('abort')

await client.close()
