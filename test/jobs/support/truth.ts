import { isDeepStrictEqual } from 'node:util'
import type { Job } from '../../../src/contract/job.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import { toJob } from '../../../src/core/job/job-view.ts'
import { toCidr, uncovered } from '../../../src/core/lib/cidr.ts'
import { lockHolder } from '../../../src/database/stores/job-store.ts'
import { loadJob, PlanCache } from '../../../src/jobs/event-log.ts'
import type { Asked, AzureHarness } from './azure-harness.ts'
import { type CallFault, isPoll, isWrite, RETRY_AFTER_SECONDS } from './call-faults.ts'
import type { Scenario } from './scenarios.ts'

interface Cluster {
  properties: {
    provisioningState: string
    networkProfile: { outboundType: string }
    apiServerAccessProfile?: { authorizedIPRanges?: string[] }
  }
}

/** How a job of a scenario went, and what was asked of Azure on the way. */
export interface Outcome {
  scenario: Scenario
  plan: Plan
  job: Job
  room: AzureHarness
  before: Cluster
  /** The last of the rules that were set has struck. */
  hasStruck: boolean
}

export async function clusterOf(room: AzureHarness, { cluster }: Scenario): Promise<Cluster> {
  return (await room.deps.arm.getCluster(room.demo.ref(cluster))).body as unknown as Cluster
}

const rangesOf = ({ properties }: Cluster): string[] =>
  properties.apiServerAccessProfile?.authorizedIPRanges ?? []
const typeOf = ({ properties }: Cluster): string => properties.networkProfile.outboundType
const pathOf = ({ path }: Asked): string => (path.split('?')[0] ?? '').toLowerCase()

/** Everything that must be true of any job that has ended; returns a sentence for each violation. */
export async function untruths(outcome: Outcome): Promise<string[]> {
  const { room } = outcome
  const now = await clusterOf(room, outcome.scenario)
  return [
    ...(await untruthsOfTheLog(outcome)),
    ...untruthsOfTheEnd(outcome, now),
    ...writesWithoutALook(room.asked),
    ...switchesTooMany(outcome),
    ...rangesLost(outcome, now),
  ]
}

async function untruthsOfTheLog({ job, room }: Outcome): Promise<string[]> {
  const { kysely } = room.deps.database
  const loaded = await loadJob(kysely, new PlanCache(), job.id)
  if (loaded === null) return ['the job is gone']
  const view = JSON.parse(JSON.stringify(toJob(job.id, loaded.plan, loaded.state)))
  return [
    ...(isDeepStrictEqual(job, view) ? [] : ['the view is not the log']),
    ...(job.timestamps.finishedAt === null ? ['it has not ended'] : []),
    ...((await lockHolder(kysely, loaded.row.cluster_key)) === null ? [] : ['the cluster is still locked']),
  ]
}

function untruthsOfTheEnd({ job, plan }: Outcome, now: Cluster): string[] {
  const type = typeOf(now)
  if (job.status === 'Succeeded')
    return [
      ...(type === plan.to.outboundType ? [] : [`it says that it succeeded, and the type is ${type}`]),
      ...(now.properties.provisioningState === 'Succeeded'
        ? []
        : ['it succeeded, and the cluster is not at rest']),
      ...(job.error === null ? [] : ['it succeeded with an error']),
      ...job.steps
        .filter(({ status }) => status !== 'Succeeded' && status !== 'Skipped')
        .map(({ key, status }) => `it succeeded, and ${key} is ${status}`),
    ]
  const isSwitched = job.steps.some(
    ({ key, status }) => key === 'change-outbound-type' && status === 'Succeeded',
  )
  const isBack = job.rollback?.status === 'Succeeded'
  return [
    ...(job.error === null || job.error.remedy === ''
      ? ['it failed, and does not say why and what to do']
      : []),
    ...(job.result === null || job.result.outboundType === type ? [] : ['it shows a result that is none']),
    ...(isSwitched && !isBack && type !== plan.to.outboundType
      ? ['its change is shown as done, and is not']
      : []),
    ...(isBack && type !== plan.from.outboundType ? ['it was taken back, and was not'] : []),
  ]
}

/** After any result of a write, a read of the same place comes before the next write. */
function writesWithoutALook(asked: Asked[]): string[] {
  const looked = new Map<string, boolean>()
  return asked.flatMap((each) => {
    const place = pathOf(each).replace(/\/upgradenodeimageversion$/, '')
    if (!isWrite(each)) {
      looked.set(place, true)
      return []
    }
    const isBlind = looked.get(place) !== true
    looked.set(place, false)
    return isBlind ? [`a blind ${each.method} of ${place}`] : []
  })
}

const clusterPuts = ({ room, scenario }: Outcome): { asked: Asked; body: Cluster }[] =>
  room.asked
    .filter((each) => each.method === 'PUT' && pathOf(each).endsWith(`/managedclusters/${scenario.cluster}`))
    .map((asked) => ({ asked, body: asked.requestBody as Cluster }))

/** Writes that Azure accepted, or whose outcome is unknown. */
const isTaken = ({ asked }: { asked: Asked }): boolean => asked.status === null || asked.status < 300

/** One change of the outbound type for a job that changes it, and one more when it takes that back. */
function switchesTooMany(outcome: Outcome): string[] {
  const { plan, job, before } = outcome
  const taken = clusterPuts(outcome).filter(({ asked }) => asked.status !== null && asked.status < 300)
  const types = [typeOf(before), ...taken.map(({ body }) => typeOf(body))]
  const switches = types.filter((type, index) => index > 0 && type !== types[index - 1]).length
  const isChange = plan.steps.some(({ key }) => key === 'change-outbound-type')
  const most = (isChange ? 1 : 0) + (job.rollback === null ? 0 : 1)
  return switches > most ? [`the outbound type was changed ${switches} times`] : []
}

/** What the API server admits: nothing in use is ever left out, on any way. */
function rangesLost(outcome: Outcome, now: Cluster): string[] {
  const { before, scenario, job, room } = outcome
  const first = rangesOf(before)
  if (first.length === 0) return []
  const faults: string[] = []
  if (scenario.isCleanUp !== true) {
    let known = first
    for (const { body } of clusterPuts(outcome).filter(isTaken)) {
      const gone = known.filter((each) => !rangesOf(body).includes(each))
      if (gone.length > 0) faults.push(`a PUT leaves out ${gone.join(', ')}`)
      known = rangesOf(body)
    }
    faults.push(...first.filter((each) => !rangesOf(now).includes(each)).map((each) => `${each} is lost`))
    faults.push(...unauthorizedAtTheSwitch(outcome))
  }
  if (job.status === 'Succeeded' && job.result !== null) {
    const inUse = job.result.egressIps.map(({ address }) => toCidr(address))
    faults.push(...uncovered(rangesOf(now), inUse).map((each) => `${each} is in use and not admitted`))
  }
  return room.asked.length === 0 ? ['nothing was asked'] : faults
}

/** At the moment of the switch every address that could be known is admitted already. */
function unauthorizedAtTheSwitch(outcome: Outcome): string[] {
  const { plan, job, before } = outcome
  const puts = clusterPuts(outcome).filter(isTaken)
  const index = puts.findIndex(
    ({ body }) => typeOf(body) === plan.to.outboundType && typeOf(before) !== plan.to.outboundType,
  )
  if (index < 0) return []
  const inForce = index === 0 ? rangesOf(before) : rangesOf(puts[index - 1]?.body ?? before)
  const known = [...plan.authorizedRanges.add, ...job.preparedAddresses.map(({ address }) => toCidr(address))]
  return uncovered(inForce, known).map((each) => `${each} was not admitted before the switch`)
}

/** What the retry table forbids after the fault at `struck`: anything before its time, and any write after a last word. */
export function forbidden(asked: Asked[], struck: Asked, { fault }: CallFault, job: Job): string[] {
  const after = asked.filter(({ seq }) => seq > struck.seq)
  if (fault.status === 429) {
    const isSame = (each: Asked) => pathOf(each) === pathOf(struck) || isWrite(each)
    const early = after.filter(
      (each) => isSame(each) && each.at > struck.at && each.at < struck.at + RETRY_AFTER_SECONDS * 1_000,
    )
    return early.map(({ method }) => `a ${method} before Retry-After`)
  }
  const isLast = isWrite(struck) && [400, 403, 404].includes(Number(fault.status))
  const isUndone = job.rollback !== null
  if (!isLast || isUndone) return []
  return after
    .filter((each) => isWrite(each) || isPoll(each))
    .map(({ method }) => `a ${method} after a last word`)
}
