import t, { type Test } from 'tap'
import { execute, makePlan, planFor, postPatiently } from '../acceptance/support/requests.ts'
import { type Loose, listOf } from '../acceptance/support/service.ts'
import { startPostgres } from '../support/databases.ts'
import { outboundTypeOf, type Sent, TwoProcesses } from './support/two-processes.ts'

/** Tests one point in so many; all of them by default. */
const EVERY = Number(process.env.EVERY_POINT ?? 1)
/** Jobs that are interrupted by one kill: each keeps a taker of ticks busy, and there are eight. */
const AT_ONCE = 6

interface Kind {
  like: string
  from: string
  to: string
  rest?: object
  /** Goes wrong in every job, so that it is taken back. `NAME` stands for the cluster. */
  always?: (name: string) => object
  onFailure?: string
  /** The interrupted job is the cleanup of one of these, which meets this before. */
  cleanUp?: { meets?: (name: string) => object }
  ends: string
}

const cluster = (name: string) => `/managedClusters/${name}\\?`
const toGateway = '"outboundType":"userAssignedNATGateway"'

/** Together they have every kind of step. */
const KINDS: Record<string, Kind> = {
  'preparation and node image upgrade': {
    like: 'lb-byo',
    from: 'loadBalancer',
    to: 'userAssignedNATGateway',
    rest: { prepare: { natGateway: {}, publicIps: { count: 1 } }, upgradeNodeImages: true },
    ends: 'Succeeded',
  },
  'authorized IP ranges widened before the cutover': {
    like: 'lb-byo-ranges',
    from: 'loadBalancer',
    to: 'userAssignedNATGateway',
    ends: 'Succeeded',
  },
  'authorized IP ranges widened after the cutover': {
    like: 'lb-managed-ranges',
    from: 'loadBalancer',
    to: 'managedNATGateway',
    ends: 'Succeeded',
  },
  'rollback after a failure': {
    like: 'lb-byo-ranges',
    from: 'loadBalancer',
    to: 'userAssignedNATGateway',
    onFailure: 'rollBack',
    always: (name) => ({
      match: { method: 'PUT', pathPattern: cluster(name), bodyContains: toGateway },
      fault: { kind: 'failOperation' },
    }),
    ends: 'Failed',
  },
  'cleanup: detach a NAT gateway': {
    like: 'nat-byo',
    from: 'userAssignedNATGateway',
    to: 'loadBalancer',
    cleanUp: {},
    ends: 'Succeeded',
  },
  'cleanup: delete created resources': {
    like: 'lb-byo',
    from: 'loadBalancer',
    to: 'userAssignedNATGateway',
    rest: { prepare: { natGateway: {}, publicIps: { count: 1 } } },
    cleanUp: {
      meets: (name) => ({
        match: { method: 'PUT', pathPattern: `/vnet-${name}/subnets/` },
        fault: { kind: 'status', status: 400, code: 'Refused' },
      }),
    },
    ends: 'Succeeded',
  },
}

/** A request of a job, as it is for any cluster: `NAME` stands for that. */
interface Point {
  method: string
  path: string
  nth: number
  kind: 'hold' | 'holdAfter'
}

/** Creates the plan that is executed: of the change, or of the cleanup after it. */
async function planOf(world: TwoProcesses, kind: Kind, name: string): Promise<Loose> {
  const change = await makePlan(world.service, { ...planFor(name, kind.to), ...kind.rest })
  if (kind.cleanUp === undefined) return change
  if (kind.cleanUp.meets !== undefined) await world.control('POST', 'faults', [kind.cleanUp.meets(name)])
  const { id } = await execute(world.service, change)
  await world.end(String(id))
  const answer = await world.service.post(`/v1/jobs/${id}/clean-up-plan`)
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body
}

async function begin(world: TwoProcesses, kind: Kind, plan: Loose): Promise<string> {
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired, onFailure: kind.onFailure }
  const answer = await postPatiently(world.service, '/v1/jobs', order)
  if (answer.status !== 202) throw new Error(answer.text)
  return String(answer.body.id)
}

const pathOf = ({ path }: { path: string }) => path.split('?')[0] ?? ''

/** What was asked of Azure about one cluster; lists and polls name none. */
async function askedAbout(world: TwoProcesses, name: string): Promise<(Sent & { seq: number })[]> {
  return (await world.control('GET', `requests?contains=${name}`)) as unknown as (Sent & { seq: number })[]
}

/**
 * Every point of a job: each request about its cluster while it is unanswered (a write before and after it takes
 * effect). Between two of them lies one record. The points come from an undisturbed job; its first read is its
 * acceptance.
 */
async function pointsOf(world: TwoProcesses, kind: Kind, name: string): Promise<Point[]> {
  const plan = await planOf(world, kind, name)
  const before = (await askedAbout(world, name)).at(-1)?.seq ?? 0
  if (kind.always !== undefined) await world.control('POST', 'faults', [kind.always(name)])
  const job = await world.end(await begin(world, kind, plan))
  if (String(job.status) !== kind.ends) throw new Error(`undisturbed it ends as ${JSON.stringify(job)}`)
  const times = new Map<string, number>()
  return (await askedAbout(world, name))
    .filter(({ seq }) => seq > before)
    .flatMap(({ method, path }) => {
      const place = { method, path: pathOf({ path }).replaceAll(name, 'NAME') }
      const nth = (times.get(JSON.stringify(place)) ?? 0) + 1
      times.set(JSON.stringify(place), nth)
      const isAcceptance = nth === 1 && method === 'GET' && /\/NAME(\/agentPools)?$/.test(place.path)
      if (isAcceptance) return []
      const kinds: Point['kind'][] = method === 'GET' ? ['hold'] : ['hold', 'holdAfter']
      return kinds.map((each) => ({ ...place, nth, kind: each }))
    })
}

const held = ({ method, path, nth, kind }: Point, name: string) => ({
  match: { method, pathPattern: `${path.replaceAll('NAME', name)}(\\?|$)`, nth },
  fault: { kind },
})

/** Kills the process with a job at each of these points, one cluster each, and holds how they end. */
async function killAt(
  t: Test,
  world: TwoProcesses,
  kind: Kind,
  points: Point[],
  names: string[],
): Promise<void> {
  const plans: Loose[] = []
  for (const name of names) plans.push(await planOf(world, kind, name))
  const rules = points.flatMap((point, index) => {
    const name = names[index] ?? ''
    return [...(kind.always === undefined ? [] : [kind.always(name)]), held(point, name)]
  })
  await world.control('POST', 'faults', rules)
  const ids = await Promise.all(plans.map((plan) => begin(world, kind, plan)))
  await world.struckAll('hold', points.length)
  t.equal(await world.kill(), 'SIGKILL')
  await world.restart()
  for (const [index, point] of points.entries()) {
    const name = names[index] ?? ''
    const where = `${point.kind} ${point.method} ${point.path.split('/').slice(-2).join('/')} ${point.nth}`
    const job = await world.end(ids[index] ?? '')
    t.equal(String(job.status), kind.ends, where)
    const asked = await askedAbout(world, name)
    const puts = asked.filter(({ method, path }) => method === 'PUT' && pathOf({ path }).endsWith(`/${name}`))
    const types = [kind.from, ...puts.filter(isTaken).map(outboundTypeOf)]
    const switches = types.filter((type, at) => at > 0 && type !== types[at - 1]).length
    t.equal(
      switches,
      kind.onFailure === undefined ? (types.at(-1) === kind.from ? 0 : 1) : 2,
      `${where}: switched once`,
    )
    t.strictSame(repeated(asked), [], `${where}: nothing was written twice`)
    t.equal((await makePlanAgain(world, kind, name)).status, 201, `${where}: the cluster can be planned for`)
  }
  t.equal(
    listOf((await world.service.get('/v1/jobs?status=Running')).body.items).length,
    0,
    'nothing is left',
  )
}

/**
 * Writes that Azure accepted twice in a row at the same place. The upgrade of node images is excluded: an unobserved
 * upgrade leaves no trace, and repeated requests lead to the newest image.
 */
function repeated(asked: Sent[]): string[] {
  const last = new Map<string, string>()
  return asked
    .filter((each) => each.method === 'PUT' || each.method === 'DELETE')
    .filter(isTaken)
    .flatMap((each) => {
      const [place, what] = [pathOf(each), `${each.method} ${typeIn(each)}`]
      const isSame = last.get(place) === what
      last.set(place, what)
      return isSame ? [`${place} ${what}`] : []
    })
}

function makePlanAgain(world: TwoProcesses, kind: Kind, name: string) {
  return world.service.post('/v1/plans', planFor(name, kind.from))
}

/** What a write of the cluster was for: the type, and how many ranges it had. */
function typeIn(sent: Sent): string {
  const { properties } = (sent.requestBody ?? {}) as { properties?: Record<string, Record<string, unknown>> }
  const ranges = properties?.apiServerAccessProfile?.authorizedIPRanges
  return `${properties?.networkProfile?.outboundType ?? ''} ${JSON.stringify(ranges ?? [])}`
}

const isTaken = ({ status }: Sent): boolean => status !== null && status < 300

async function matrix(t: Test, settings: Record<string, string>): Promise<void> {
  const world = await TwoProcesses.start(t, '40', settings)
  let [count, kills] = [0, 0]
  for (const [title, kind] of Object.entries(KINDS))
    await t.test(title, async (t) => {
      const nameOf = (number: number) => `${kind.like}-${String(number).padStart(4, '0')}`
      await world.control('POST', 'reset', { fleet: { count: 60, like: kind.like } })
      const all = await pointsOf(world, kind, nameOf(1))
      const points = all.filter(() => count++ % EVERY === 0)
      t.comment(`${points.length} of ${all.length} points`)
      for (let from = 0; from < points.length; from += AT_ONCE) {
        const some = points.slice(from, from + AT_ONCE)
        kills++
        await killAt(
          t,
          world,
          kind,
          some,
          some.map((_point, index) => nameOf(2 + from + index)),
        )
      }
    })
  t.comment(`${kills} kills`)
}

// Both engines at a time: each kill mostly waits until the dead process is detected by its missing heartbeat.
t.jobs = 2

const AT_EACH_POINT = 'completes jobs after a kill at each point of each kind of step'

t.test(`${AT_EACH_POINT}, on the embedded engine`, { buffered: true }, (t) => matrix(t, {}))

t.test(`${AT_EACH_POINT}, on a server`, { buffered: true }, async (t) => {
  const databaseUrl = await startPostgres(t)
  if (databaseUrl !== null) await matrix(t, { DATABASE_URL: databaseUrl })
})
