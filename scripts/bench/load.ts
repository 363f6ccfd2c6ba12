import autocannon from 'autocannon'

/**
 * A separate process, so that the client shares no thread with the server. `load.ts seconds rounds url …` loads the
 * addresses in turn, and each round begins with another address. It prints a JSON list for each address with its
 * requests per second in each round. A warm-up round is not counted. An address may end with `#` and an entity tag:
 * the request then has If-None-Match, and the response must be 304. An address may be a list with commas: each
 * connection then requests one item.
 */
const [seconds, rounds, ...urls] = process.argv.slice(2)
const CONNECTIONS = 10
const WARM_UP_SECONDS = 1

const rates = urls.map((): number[] => [])
for (const url of urls) await rate(url, WARM_UP_SECONDS)
for (let round = 0; round < Number(rounds); round++)
  for (let turn = 0; turn < urls.length; turn++) {
    const index = (turn + round) % urls.length
    rates[index]?.push(await rate(urls[index] ?? '', Number(seconds)))
  }
for (const each of rates) process.stdout.write(`${JSON.stringify(each)}\n`)

async function rate(address: string, duration: number): Promise<number> {
  const targets = address.split(',').map((each) => each.split('#'))
  const [url = '', etag] = targets[0] ?? []
  let clients = 0
  const setupClient = (client: autocannon.Client) => {
    const [own = '', tag] = targets[clients++ % targets.length] ?? []
    const headers: Record<string, string> = tag === undefined ? {} : { 'if-none-match': tag }
    client.setRequests([{ path: new URL(own).pathname, headers }])
  }
  const result = await autocannon({ url, connections: CONNECTIONS, duration, setupClient })
  const wanted = etag === undefined ? result['2xx'] : result['3xx']
  const others = result.requests.total - wanted
  if (others + result.errors > 0) throw new Error(`${url}: ${others} refused, ${result.errors} failed`)
  return wanted / result.duration
}
