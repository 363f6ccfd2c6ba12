import type { Finding } from '../../src/contract/finding.ts'
import type { Plan } from '../../src/contract/plan.ts'
import type { StartedProcess } from './processes.ts'

/** An incident that the simulator's watcher recorded. */
export interface WatcherIncident {
  kind: string
  cluster: string | null
  subnet: string | null
  address: string | null
  resource: string | null
  wasInUse: boolean
  detail: string
  cause: {
    request: { method: string; path: string; userAgent: string | null } | null
    operation: { kind: string; resourceId: string } | null
  }
}

/** What a plan says about its effects. A job exists only if its caller acknowledged all that the plan requires. */
export type ExecutedPlan = Pick<
  Plan,
  'cluster' | 'findings' | 'acknowledgementsRequired' | 'egressIps' | 'resourceChanges'
>

/** Findings that announce that nodes may lose the API server. */
const ANNOUNCE_API_SERVER_LOSS = [
  'API_SERVER_PATH_LOST',
  'AUTHORIZED_RANGES_TARGET_UNKNOWABLE',
  'AUTHORIZED_EGRESS_NOT_IN_ARM',
  'NSG_BLOCKS_EGRESS',
  'ROUTE_GATEWAY_MISSING',
]
/** Findings that announce that packets to the internet are dropped. */
const ANNOUNCE_EGRESS_LOSS = [
  'ISO_WORKLOADS_LOSE_INTERNET',
  'IPV6_EGRESS_LOST',
  'NSG_BLOCKS_EGRESS',
  'ROUTE_GATEWAY_MISSING',
]

/**
 * What this service did to nodes and addresses without having announced it in a plan that was executed. Incidents that a
 * test caused by its own requests are left out.
 */
export function unannounced(incidents: WatcherIncident[], plans: ExecutedPlan[]): string[] {
  return incidents
    .filter((incident) => isOfService(incident) && !plans.some((plan) => announces(plan, incident)))
    .map(describe)
}

/**
 * Fails when the simulator at this address recorded an incident that no executed plan announced. The plans are asked
 * for only if there is an incident at all.
 */
export async function assertAllAnnounced(
  simulatorUrl: string,
  executedPlans: () => Promise<ExecutedPlan[]>,
): Promise<void> {
  const answer = await fetch(`${simulatorUrl}/simulator/watcher`)
  const incidents = (await answer.json()) as WatcherIncident[]
  if (incidents.length === 0) return
  const faults = unannounced(incidents, await executedPlans())
  if (faults.length > 0)
    throw new Error(`The service announced none of these incidents:\n${faults.join('\n')}`)
}

/**
 * Like `assertAllAnnounced`, for a service with its built-in simulator or with a simulator in another process. A
 * service or simulator that a test has stopped closes the connection and cannot be asked.
 */
export async function assertServiceAnnounced(
  service: Pick<StartedProcess, 'url' | 'simulatorUrl'>,
  simulatorUrl: string | null = service.simulatorUrl,
): Promise<void> {
  if (simulatorUrl === null) return
  try {
    await assertAllAnnounced(simulatorUrl, () => executedPlansOf(service.url))
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } }
    if (cause?.code !== 'ECONNREFUSED') throw error
  }
}

/** The plans of all jobs of a service, read over its API. */
async function executedPlansOf(serviceUrl: string): Promise<ExecutedPlan[]> {
  const read = async (path: string) =>
    (await (await fetch(serviceUrl + path)).json()) as Record<string, unknown>
  const plans: ExecutedPlan[] = []
  for (let cursor = ''; ; ) {
    const { items = [], next } = await read(`/v1/jobs?limit=100${cursor}`)
    const found = (items as { planId: string }[]).map(({ planId }) => read(`/v1/plans/${planId}`))
    plans.push(...((await Promise.all(found)) as unknown as ExecutedPlan[]))
    if (typeof next !== 'string') return plans
    cursor = `&cursor=${encodeURIComponent(next)}`
  }
}

/** The SDK clients name themselves; tests that act as another client do not use them. */
function isOfService({ cause: { request } }: WatcherIncident): boolean {
  return request === null || request.userAgent?.includes('azsdk-js') === true
}

function announces(plan: ExecutedPlan, incident: WatcherIncident): boolean {
  switch (incident.kind) {
    case 'addressDeleted':
    case 'addressDetached':
      return announcesLoss(plan, incident)
    case 'apiServerLost':
      return isSame(plan.cluster.id, incident.cluster) && acknowledges(plan, ANNOUNCE_API_SERVER_LOSS)
    case 'egressLost':
      return isSame(plan.cluster.id, incident.cluster) && acknowledges(plan, ANNOUNCE_EGRESS_LOSS)
    default:
      return acknowledgedFindings(plan).some((finding) => mentions(finding, lastSegment(incident.resource)))
  }
}

/**
 * An address is announced as lost by the ledger; an address that cannot be recovered also by an acknowledged finding.
 * An address that packets no longer used is announced by its deletion, too.
 */
function announcesLoss(plan: ExecutedPlan, { address, resource, wasInUse }: WatcherIncident): boolean {
  const isDeletion = plan.resourceChanges.some(
    (change) => change.action === 'delete' && isSame(change.id, resource),
  )
  if (!wasInUse && isDeletion) return true
  return plan.egressIps.some((row) => {
    if (row.address !== address) return false
    const isAcknowledged = acknowledgedFindings(plan).some((finding) => mentions(finding, address ?? ''))
    return row.change === 'lost'
      ? row.recoverable || isAcknowledged
      : row.change === 'unknown' && isAcknowledged
  })
}

function acknowledgedFindings({ findings, acknowledgementsRequired }: ExecutedPlan): Finding[] {
  return findings.filter(({ code }) => acknowledgementsRequired.includes(code))
}

function acknowledges(plan: ExecutedPlan, codes: string[]): boolean {
  return acknowledgedFindings(plan).some(({ code }) => codes.includes(code))
}

function mentions(finding: Finding, word: string): boolean {
  return word !== '' && JSON.stringify(finding).includes(word)
}

function isSame(id: string | null, other: string | null): boolean {
  return id?.toLowerCase() === other?.toLowerCase()
}

function lastSegment(id: string | null): string {
  return id?.split('/').at(-1) ?? ''
}

function describe({ kind, cluster, subnet, resource, wasInUse, detail, cause }: WatcherIncident): string {
  const { request, operation } = cause
  const place = [cluster, subnet, resource].filter((id) => id !== null).map(lastSegment)
  const by =
    request === null
      ? `the end of an operation on ${operation?.resourceId}`
      : `${request.method} ${request.path}`
  const when = wasInUse ? '' : ' (not in use at that moment)'
  return `${kind} of ${place.join(', ')}${when}: ${detail} Caused by ${by}.`
}
