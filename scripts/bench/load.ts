import autocannon from 'autocannon'

/**
 * A process of its own, so that the client shares no thread with the server: `load.ts seconds rounds url …`
 * loads the addresses in turn, each round beginning with another one, and prints a JSON list for each address
 * with its requests a second in each round. A round before the first warms everything up and is not counted.
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

async function rate(url: string, duration: number): Promise<number> {
  const result = await autocannon({ url, connections: CONNECTIONS, duration })
  if (result.non2xx + result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`)
  return result['2xx'] / result.duration
}
