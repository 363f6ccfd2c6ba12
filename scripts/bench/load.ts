import autocannon from 'autocannon'

/** A child process that loads one address and prints the requests a second: its client shares no core with the server. */
const [, , url, seconds] = process.argv
const result = await autocannon({ url: url ?? '', connections: 10, duration: Number(seconds) })
if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx} refused, ${result.errors} failed`)
process.stdout.write(`${result.requests.average}\n`)
