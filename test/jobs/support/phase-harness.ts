import type { JsonObject } from '../../../src/contract/json.ts'
import type { Step, StepAction, StepKey } from '../../../src/contract/steps.ts'
import type { JobEvent } from '../../../src/core/job/events.ts'
import type { Database } from '../../../src/database/engine/database.ts'
import { loadJob, PlanCache, recordEvents } from '../../../src/jobs/event-log.ts'
import { GROUP, NETWORK } from '../../support/a-cluster.ts'
import { JobHarness } from './job-harness.ts'

const API_VERSION = '2024-05-01'
export const GATEWAY = `${GROUP}/${NETWORK}/natGateways/gateway-9`
export const ADDRESS = `${GROUP}/${NETWORK}/publicIPAddresses/address-9`
export const POOL = `${GROUP}/Microsoft.ContainerService/managedClusters/demo/agentPools/pool9`
const PROVISIONED = { path: '/properties/provisioningState', equals: 'Succeeded' }
const TARGET = { path: '/properties/networkProfile/outboundType', equals: 'managedNATGateway' }

export type Phase = 'none' | 'intended' | 'adopted' | 'ended'
type Act = (room: JobHarness) => void

function aStep(key: StepKey, does: StepAction, rest: Partial<Step> = {}): Step {
  return { key, title: 'A step', requires: [], does, expects: [PROVISIONED], undo: '', undoes: [], ...rest }
}

export const resource = (state: string, properties: JsonObject = {}): JsonObject => ({
  properties: { provisioningState: state, ...properties },
})
export const has = (id: string, body: JsonObject): Act => {
  return ({ arm }) => arm.resources.set(id, body)
}
export const withState = (state: string): Act => {
  return ({ arm }) =>
    arm.foreignWrite(({ properties }) => Object.assign(properties as object, { provisioningState: state }))
}
export const withType = (outboundType: string): Act => {
  return ({ arm }) =>
    arm.foreignWrite(({ properties }) =>
      Object.assign((properties as { networkProfile: object }).networkProfile, { outboundType }),
    )
}
export const stopped: Act = ({ arm }) =>
  arm.foreignWrite(({ properties }) =>
    Object.assign(properties as object, { powerState: { code: 'Stopped' } }),
  )
export const all = (...acts: Act[]): Act => {
  return (room) => {
    for (const act of acts) act(room)
  }
}

export const SWITCH = aStep(
  'change-outbound-type',
  {
    kind: 'updateCluster',
    apiVersion: '2026-06-01',
    changes: [{ op: 'set', path: TARGET.path, value: TARGET.equals }],
  },
  { expects: [PROVISIONED, TARGET] },
)
export const UNDO_SWITCH: Step = { ...SWITCH, key: 'undo-change-outbound-type' }
/** A write of the cluster after the cutover. */
export const TAG = aStep(
  'clean-up-tags',
  { kind: 'updateCluster', apiVersion: '2026-06-01', changes: [{ op: 'set', path: '/tags/a', value: 'b' }] },
  { expects: [PROVISIONED, { path: '/tags/a', equals: 'b' }] },
)
export const CREATE = aStep('prepare-public-ip-1', {
  kind: 'putResource',
  id: ADDRESS,
  apiVersion: API_VERSION,
  body: { properties: { publicIPAllocationMethod: 'Static' } },
  changes: [],
  former: [],
})
export const CHANGE = aStep('prepare-gateway', {
  kind: 'putResource',
  id: GATEWAY,
  apiVersion: API_VERSION,
  body: null,
  changes: [{ op: 'set', path: '/properties/idle', value: 10 }],
  former: [{ op: 'set', path: '/properties/idle', value: 4 }],
})
export const UNDO_CHANGE: Step = { ...CHANGE, key: 'undo-prepare-gateway' }
export const DELETE = aStep(
  'clean-up-gateway',
  { kind: 'deleteResource', id: GATEWAY, apiVersion: API_VERSION },
  {
    expects: [],
    undoes: [
      {
        kind: 'putResource',
        id: GATEWAY,
        apiVersion: API_VERSION,
        body: { properties: { idle: 4 } },
        changes: [],
        former: [],
      },
    ],
  },
)
export const UPGRADE = aStep('upgrade-node-image-pool9', {
  kind: 'upgradeNodeImage',
  id: POOL,
  apiVersion: API_VERSION,
})

export type EventBody = JobEvent extends infer E ? (E extends JobEvent ? Omit<E, 'at'> : never) : never

/** The log of a step whose write is in this phase. */
function logOf({ key }: Step, phase: Phase): EventBody[] {
  const started: EventBody[] = [{ type: 'stepStarted', step: key }]
  const intended: EventBody = { type: 'writeIntended', step: key, etag: null, changes: [] }
  if (phase === 'none') return started
  if (phase === 'intended') return [...started, intended]
  if (phase === 'adopted')
    return [...started, intended, { type: 'writeAdopted', step: key, because: 'of a test.' }]
  const accepted: EventBody = {
    type: 'writeAccepted',
    step: key,
    poller: 'operation 0',
    requestId: null,
    pollAt: '',
  }
  return [...started, intended, accepted, { type: 'operationEnded', step: key, error: null, requestId: null }]
}

export interface Situation {
  /** Steps of the plan before the one under test, all done. */
  done?: Step[]
  /** Events after those of the phase. */
  more?: EventBody[]
  arrange?: Act
  /** Run only so many ticks. */
  ticks?: number
}

/** A job whose step is in this phase, run from there until it ends: what the log says from there on, and the job. */
export async function runFrom(database: Database, step: Step, phase: Phase, situation: Situation = {}) {
  const { done = [], more = [], arrange = () => {}, ticks = Number.POSITIVE_INFINITY } = situation
  const room = new JobHarness(database)
  const { id } = await room.accept(await room.plan({ steps: [...done, step] }))
  const loaded = await loadJob(database.kysely, new PlanCache(), id)
  if (loaded === null) throw new Error('no job')
  const before = done.flatMap((each): EventBody[] => [
    ...logOf(each, 'ended'),
    { type: 'stepSucceeded', step: each.key, observed: null },
  ])
  const seed = [...before, ...logOf(step, phase), ...more]
  const at = room.clock.toISOString()
  await recordEvents(
    room.deps,
    loaded,
    seed.map((event) => ({ ...event, at }) as JobEvent),
  )
  arrange(room)
  const calls = room.arm.calls.length
  // The tick that was ordered with the job is late, and does nothing.
  let count = -1
  await room.run({ isEnough: () => ++count > ticks })
  const [job, log] = await Promise.all([room.jobs.get(id), room.jobs.log(id, seed.length + 1, 100)])
  const end = await loadJob(database.kysely, new PlanCache(), id)
  const reads = (point: string) => room.arm.calls.slice(calls).filter((call) => call === point).length
  return {
    room,
    job,
    reads,
    types: log.map(({ type }) => type),
    messages: log.map(({ message }) => message),
    state: end?.state,
  }
}
