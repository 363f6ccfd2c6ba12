import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Pool } from 'pg'
import t, { type Test } from 'tap'
import { databaseTokens } from '../../../src/azure/connect/database-token.ts'
import { openChangeFeed } from '../../../src/database/engine/change-feed.ts'
import { openDatabase } from '../../../src/database/engine/database.ts'
import { DatabaseUnavailableError } from '../../../src/database/engine/server-connections.ts'

/** A message of the server: its type, its length, its content. */
function message(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

const TRUSTED = message('R', Buffer.alloc(4))
const READY = message('Z', Buffer.from('I'))
const LAST_WORDS = message(
  'E',
  Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
)

/** A server that does this on every new connection, and nothing else. Gives its address and the connections so far. */
async function serverThat(t: Test, greet: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.once('data', () => greet(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return { url: `postgres://x@127.0.0.1:${port}/x`, sockets }
}

/** The server goes down just after it has accepted a client: a slow client reads both in one packet. */
const letsInAndGoes = (socket: Socket) => socket.end(Buffer.concat([TRUSTED, READY, LAST_WORDS]))

/** An uncaught exception, which would end the process. */
function uncaught(t: Test): unknown[] {
  const seen: unknown[] = []
  const see = (error: unknown) => seen.push(error)
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', see)
  t.teardown(() => {
    process.off('uncaughtException', see)
    for (const other of others) process.on('uncaughtException', other)
  })
  return seen
}

t.test('a server that goes as it lets us in ends no process', async (t) => {
  const seen = uncaught(t)
  const { url, sockets } = await serverThat(t, letsInAndGoes)
  const database = await openDatabase({ dataDir: null, databaseUrl: url })
  t.teardown(() => database.close())
  await t.rejects(database.ping(), DatabaseUnavailableError)
  t.equal(sockets.length, 1, 'it was connected')
  t.strictSame(seen, [])
})

t.test(
  'a lost connection in another pool, such as the pool of the queue, does not end the process',
  async (t) => {
    const seen = uncaught(t)
    const { url } = await serverThat(t, letsInAndGoes)
    const pool = new Pool({ connectionString: url })
    const client = await pool.connect()
    await t.rejects(client.query('select 1'), 'it was lent, and is dead')
    client.release(true)
    await pool.end()
    t.strictSame(seen, [])
  },
)

t.test('an error on a connection without listeners does not end the process', async (t) => {
  const seen = uncaught(t)
  const { url, sockets } = await serverThat(t, (socket) => socket.write(Buffer.concat([TRUSTED, READY])))
  const client = new Client({ connectionString: url })
  await client.connect()
  client.removeAllListeners()
  const ended = client.end()
  sockets[0]?.end(LAST_WORDS)
  await ended
  t.strictSame(seen, [])
})

t.test('listeners still receive the error, and any other exception still ends the process', async (t) => {
  const seen = uncaught(t)
  const { url, sockets } = await serverThat(t, (socket) => socket.write(Buffer.concat([TRUSTED, READY])))
  const client = new Client({ connectionString: url })
  const heard: unknown[] = []
  client.on('error', (error) => heard.push(error))
  const ended = new Promise<void>((resolve) => client.on('end', resolve))
  await client.connect()
  sockets[0]?.end(LAST_WORDS)
  await ended
  t.match(heard[0], { code: '57P01' })
  setImmediate(() => {
    throw new TypeError('a fault of ours')
  })
  await delay(10)
  t.match(seen, [{ message: 'a fault of ours' }])
})

t.test(
  'each new connection requests its password, on the pool and on the connection for notices',
  async (t) => {
    const packets: string[] = []
    const { url } = await serverThat(t, (socket) => {
      socket.on('data', (data) => packets.push(data.subarray(5, -1).toString()))
      // AuthenticationCleartextPassword
      socket.write(message('R', Buffer.from([0, 0, 0, 3])))
      socket.once('data', () => socket.end(LAST_WORDS))
    })
    const scopes: unknown[] = []
    const credential = {
      getToken: async (scope: string | string[]) => {
        scopes.push(scope)
        return { token: `token-${scopes.length}`, expiresOnTimestamp: 0 }
      },
    }
    const password = databaseTokens(credential, null)
    const database = await openDatabase({ dataDir: null, databaseUrl: url, password })
    t.teardown(() => database.close())
    await t.rejects(database.ping(), DatabaseUnavailableError)
    await t.rejects(database.ping(), DatabaseUnavailableError)
    const feed = await openChangeFeed(database, { warn() {} })
    await feed.close()
    t.strictSame(packets.slice(0, 3), ['token-1', 'token-2', 'token-3'])
    t.strictSame([...new Set(scopes)], ['https://ossrdbms-aad.database.windows.net/.default'])
  },
)

t.test('requests tokens for the database of the cloud of Resource Manager', async (t) => {
  for (const [endpoint, suffix] of [
    ['https://management.usgovcloudapi.net', 'usgovcloudapi.net'],
    ['https://management.chinacloudapi.cn', 'chinacloudapi.cn'],
    ['https://management.azure.com', 'windows.net'],
  ] as const) {
    const getToken = async (scope: string | string[]) => ({ token: String(scope), expiresOnTimestamp: 0 })
    t.equal(
      await databaseTokens({ getToken }, endpoint)(),
      `https://ossrdbms-aad.database.${suffix}/.default`,
    )
  }
})
