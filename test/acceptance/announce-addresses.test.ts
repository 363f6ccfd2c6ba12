import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { assertAllAnnounced, type ExecutedPlan } from '../support/watcher.ts'
import { as, guardedService, person, tokenOf } from './support/guarded-service.ts'
import { planFor } from './support/requests.ts'
import { listOf, type Service, until } from './support/service.ts'

const [ANN, BOB] = [person('a'), person('b')]
const on = [{ subscriptionId: DEMO_SUBSCRIPTION, resourceGroup: DEMO_GROUP, clusterName: '*' }]
const POLICY = {
  version: 1,
  grants: [
    { to: [{ oid: ANN }], actions: ['read', 'plan', 'execute'], on },
    { to: [{ oid: BOB }], actions: ['approve', 'audit'], on },
  ],
  approvals: [{ on, requireApproval: true }],
}

/** A server on a free port, closed with the test. `handle` returns status, body, and content type of the response. */
async function serve(t: Test, handle: (request: IncomingMessage, body: string) => Promise<Response | null>) {
  const server = createServer(async (request, response) => {
    const answer = await handle(request, await text(request))
    // The caller is dead: it never sees the response.
    if (answer === null) return request.socket.destroy()
    const retryAfter = answer.headers.get('retry-after')
    response.writeHead(answer.status, retryAfter === null ? {} : { 'retry-after': retryAfter })
    response.end(await answer.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Passes every request of the bot to the service, and kills the bot at its points before it sees the response. */
class Stage {
  readonly requests: string[] = []
  /** What partners received, by inbox and key, without repeated requests. */
  readonly told = new Map<string, string>()
  readonly #points: RegExp[]
  #bot: ChildProcess | null = null

  constructor(...points: RegExp[]) {
    this.#points = points
  }

  /** Runs the bot until it ends by itself; returns the number of processes and the last exit code. */
  async run(
    args: string[],
    environment: Record<string, string>,
  ): Promise<[processes: number, code: number | null]> {
    for (let processes = 1; ; processes++) {
      this.#bot = spawn(process.execPath, ['docs/examples/announce-addresses.ts', ...args], {
        env: { ...process.env, ...environment },
        stdio: 'inherit',
      })
      const [code, signal] = await once(this.#bot, 'exit')
      if (signal === null) return [processes, code]
    }
  }

  /** Records a request that was served; whether its caller is killed. */
  async isKilledAt(line: string): Promise<boolean> {
    this.requests.push(line)
    if (this.#points[0]?.test(line) !== true) return false
    this.#points.shift()
    this.#bot?.kill('SIGKILL')
    if (this.#bot !== null && this.#bot.signalCode === null) await once(this.#bot, 'exit')
    return true
  }

  service(t: Test, { url }: Service): Promise<string> {
    return serve(t, async ({ method = '', url: path = '', headers }, body) => {
      const { host: _host, connection: _connection, 'content-length': _length, ...sent } = headers
      const answer = await fetch(url + path, {
        method,
        headers: sent as Record<string, string>,
        ...(body === '' ? {} : { body }),
      })
      return (await this.isKilledAt(`${method} ${path} ${answer.status}`)) ? null : answer
    })
  }

  inboxes(t: Test): Promise<string> {
    return serve(t, async ({ url, headers }, body) => {
      const key = `${url} ${headers['idempotency-key']}`
      const former = this.told.get(key)
      if (former !== undefined && former !== body)
        throw new Error(`another message with the key of ${former}`)
      this.told.set(key, body)
      return (await this.isKilledAt(`told ${url}`)) ? null : new Response('')
    })
  }
}

t.test(
  'a bot that is killed three times notifies every partner once, and releases the job once',
  async (t) => {
    const { planner, sign } = await guardedService(t, POLICY)
    const [ann, bob] = [await as(planner, sign, ANN), await as(planner, sign, BOB)]
    const request = planFor('lb-byo', 'userAssignedNATGateway')
    const { body: plan } = await ann.post('/v1/plans', {
      ...request,
      prepare: { natGateway: {}, publicIps: { count: 2 } },
    })
    const stage = new Stage(/POST \/v1\/jobs 202/, /told \/bank/, /POST \/v1\/jobs\/\S+\/release 202/)
    const [service, inboxes] = [await stage.service(t, planner), await stage.inboxes(t)]
    const run = stage.run([String(plan.id), `${inboxes}/bank`, `${inboxes}/shop`], {
      SERVICE_URL: service,
      TOKEN: await tokenOf(sign, ANN),
    })
    await until(async () => stage.requests.includes('POST /v1/jobs 409'), Boolean)
    t.equal((await bob.post(`/v1/plans/${plan.id}/approvals`, {})).status, 201)

    t.strictSame(await run, [4, 0], 'three were killed, and the fourth saw the job succeed')
    const jobs = listOf((await ann.get(`/v1/jobs?planId=${plan.id}`)).body.items)
    t.equal(jobs.length, 1)
    const job = jobs[0]
    t.match(job, { status: 'Succeeded', hold: { status: 'Released', releasedBy: 'a@example.com' } })
    const addresses = listOf(job?.result?.egressIps).map(({ address }) => `${address}/32`)
    t.equal(addresses.length, 2)
    t.strictSame([...stage.told.keys()], [`/bank announce-${job?.id}`, `/shop announce-${job?.id}`])
    for (const message of stage.told.values()) {
      const { cluster, allow } = JSON.parse(message)
      t.equal(cluster, 'lb-byo')
      t.strictSame(allow.toSorted(), addresses.toSorted(), 'exactly the addresses that the cluster uses now')
    }
    const events = listOf((await ann.get(`/v1/jobs/${job?.id}/events?limit=100`)).body.items)
    t.equal(events.filter(({ type }) => String(type) === 'released').length, 1)
    t.equal((await bob.get(`/v1/audit?operation=releaseJob&jobId=${job?.id}`)).body.items?.length, 1 as never)

    t.match((await ann.get(`/v1/plans/${plan.id}`)).body, { status: 'executed', jobId: job?.id })
    const [ofPlan, ofJob] = [`/v1/plans/${plan.id}/ip-changes`, `/v1/jobs/${job?.id}/ip-changes`]
    const { body: changes } = await ann.get(ofJob)
    t.strictSame((await ann.get(ofPlan)).body, changes)
    t.match(changes, { stage: 'confirmed', jobId: job?.id })
    t.strictSame(
      listOf(changes.items).map(({ advice }) => String(advice)),
      ['removeNow', 'allowNow', 'allowNow'],
    )
    const executed = (await ann.get(`/v1/plans/${plan.id}`)).body as unknown as ExecutedPlan
    await assertAllAnnounced(planner.process.simulatorUrl ?? '', async () => [executed])

    const { body: unprepared } = await ann.post('/v1/plans', planFor('lb-managed', 'managedNATGateway'))
    t.equal((await bob.post(`/v1/plans/${unprepared.id}/approvals`, {})).status, 201)
    const other = new Stage()
    const args = [String(unprepared.id), `${await other.inboxes(t)}/bank`]
    const environment = { SERVICE_URL: await other.service(t, planner), TOKEN: await tokenOf(sign, ANN) }
    t.strictSame(
      await other.run(args, environment),
      [1, 1],
      'stops if Azure creates addresses at the cutover',
    )
    t.equal(other.told.size, 0, 'announces no incomplete list')
    t.notOk(other.requests.some((line) => line.includes('/release')))
    // A request without a token is not authenticated.
    await planner.process.stop()
  },
)
