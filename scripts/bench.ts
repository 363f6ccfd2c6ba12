import { type Figure, isKept, printFigure } from './bench/measure.ts'

/**
 * `npm run bench [part …]`: measures what the product promises, as ratios within one run where speed
 * depends on the machine. Ends with 1 when a promise is not kept.
 */
const PARTS: Record<string, () => Promise<Figure[]>> = {
  plans: async () => (await import('./bench/pure-plans.ts')).purePlans(),
  latency: async () => (await import('./bench/latency.ts')).latency(),
  lists: async () => (await import('./bench/allow-lists.ts')).allowLists(),
  reads: async () => (await import('./bench/reads.ts')).reads(),
  scopes: async () => (await import('./bench/scoped-lists.ts')).scopedLists(),
  slow: async () => (await import('./bench/slow-subscription.ts')).slowSubscription(),
  estate: async () => (await import('./bench/estate.ts')).estate(),
  campaign: async () => (await import('./bench/campaign.ts')).campaign(),
  polling: async () => (await import('./bench/polling.ts')).polling(),
  streams: async () => (await import('./bench/streams.ts')).streams(),
  deliveries: async () => (await import('./bench/deliveries.ts')).deliveries(),
  swagger: async () => (await import('./bench/swagger-ui.ts')).swaggerUiPages(),
  wake: async () => (await import('./bench/wake-up.ts')).wakeUp(),
  start: async () => (await import('./bench/start-up.ts')).startUp(),
  jobs: async () => (await import('./bench/many-jobs.ts')).manyJobs(),
  retention: async () => (await import('./bench/retention.ts')).retention(),
  'job-start': async () => (await import('./bench/flight.ts')).jobStart(),
  flight: async () => (await import('./bench/flight.ts')).flight(),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in PARTS))
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`)
  process.exit(64)
}
let kept = true
for (const [name, measure] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for (const figure of await measure()) {
    printFigure(figure)
    kept &&= isKept(figure)
  }
}
process.exitCode = kept ? 0 : 1
