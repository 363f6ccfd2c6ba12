import type { Plan } from '../../src/contract/plan.ts'
import { idKey } from '../../src/core/arm/resource-id.ts'
import { holdsAddress, toCidr } from '../../src/core/lib/cidr.ts'

/** The contradictions between parts of a plan, as sentences; empty for a consistent plan. */
export function contradictionsIn(plan: Plan): string[] {
  return failed(CHECKS, plan)
}

/** Also what only networks that Azure does not allow make contradict itself, such as an address with two holders. */
export function contradictionsInRealPlan(plan: Plan): string[] {
  return failed([...CHECKS, ...CHECKS_OF_PATHS, ...CHECKS_OF_REAL_NETWORKS], plan)
}

type Check = [statement: string, holds: (plan: Plan) => boolean]

function failed(checks: Check[], plan: Plan): string[] {
  return checks.flatMap(([name, holds]) => (holds(plan) ? [] : [name]))
}

const codes = (plan: Plan) => plan.findings.map(({ code }) => code)
const has = (plan: Plan, ...wanted: string[]) => codes(plan).some((code) => wanted.includes(code))
const factsOf = (plan: Plan, code: string) => plan.findings.filter((finding) => finding.code === code)
const addressesWith = (plan: Plan, ...changes: string[]) =>
  plan.egressIps.flatMap(({ change, address }) => (changes.includes(change) ? (address ?? []) : []))
/** Rows without a path are addresses that AKS releases although nothing uses them. */
const isInUse = ({ change, usedBefore }: Plan['egressIps'][number]) =>
  change === 'added' || usedBefore?.length !== 0
const textsOf = (plan: Plan) => plan.findings.flatMap(({ message, remedy }) => [message, remedy]).join(' ')
const isSubset = (some: readonly unknown[], all: readonly unknown[]) =>
  some.every((item) => all.includes(item))

/** The addresses, as CIDRs, from which the API server sees packets before or after the change. */
const toApiServer = (plan: Plan, side: 'usedBefore' | 'usedAfter') =>
  plan.egressIps.flatMap((row) =>
    row[side]?.some(({ destination }) => destination === 'apiServer') ? toCidr(row.address ?? '') : [],
  )
type Row = Plan['paths'][number]
const nameOf = ({ subnetId }: Row) => subnetId.split('/').at(-1) ?? ''
const isInternet = ({ family, destination }: Row) => family === 'IPv4' && destination === 'internet'
const textOf = (value: unknown) => JSON.stringify(value)
const moves = ({ before, after }: Row) =>
  textOf({ ...before, certainty: null }) !== textOf({ ...after, certainty: null })
/** Whether the plan states that a rollback has no limitation. */
const restoresAll = ({ rollback }: Plan) => rollback.supported && rollback.lost.length === 0
/** The rows of the subnets with these names. */
const rowsOf = (plan: Plan, names: unknown) =>
  plan.paths.filter((row) => (names as unknown[]).includes(nameOf(row)))

type Side = Row['before']
const isLost = ({ path }: Side) => path === 'none' || path === 'defaultOutbound'
/** A path of which a part can end, or that the plan does not know. */
const isOpen = ({ path, certainty }: Side) =>
  path === 'mixed' || path === 'unknown' || certainty === 'unknown'
const ends = ({ before, after }: Row) =>
  (before.path !== 'none' && isLost(after)) || isOpen(after) || isOpen(before)
/** The row of the packets from each subnet to the API server: its own row, or that of the internet. */
const apiServerRows = (plan: Plan) =>
  [...Map.groupBy(plan.paths, ({ subnetId }) => subnetId).values()].flatMap((rows) => {
    const own = rows.filter(({ destination }) => destination === 'apiServer')
    return own.length > 0 ? own : rows.filter(isInternet)
  })

/** Findings that say that traffic or addresses move. */
const MOVING = ['EGRESS_IP_LOST', 'EGRESS_IP_CHANGES', 'UANAT_ATTACH_IS_THE_CUTOVER', 'UDR_CUTOVER_IS_ROUTE']

/** Each statement holds for every plan. */
const CHECKS: Check[] = [
  [
    'a remedy names only findings of the same plan',
    (plan) =>
      [...textsOf(plan).matchAll(/the findings? `([A-Z0-9_]+)`/g)].every(([, code]) =>
        has(plan, String(code)),
      ),
  ],
  [
    'no traffic moves, and a finding or the ledger moves it',
    (plan) =>
      plan.disruption.movesTraffic !== false ||
      (!has(plan, ...MOVING) &&
        plan.egressIps.every((row) => !isInUse(row) || row.change === 'kept' || row.change === 'unknown')),
  ],
  [
    'the change moves no address, and the ledger moves one',
    (plan) =>
      !textsOf(plan).includes('moves no address') ||
      plan.egressIps.every((row) => !isInUse(row) || row.change === 'kept'),
  ],
  [
    'no traffic moves, and a path changes',
    (plan) => plan.disruption.movesTraffic !== false || !plan.paths.some(moves),
  ],
  [
    'traffic moves, and the plan says that no traffic moves',
    (plan) =>
      plan.status !== 'applicable' ||
      plan.disruption.movesTraffic !== true ||
      !/no traffic moves|changes nothing/.test(plan.cutOver.because),
  ],
  [
    'packets keep their path, and the plan has a cutover by AKS',
    (plan) => plan.disruption.movesTraffic !== false || plan.cutOver.step === null,
  ],
  [
    'a released address is not lost in the ledger',
    (plan) =>
      factsOf(plan, 'EGRESS_IP_LOST').every(({ facts }) =>
        isSubset(facts.addresses as string[], addressesWith(plan, 'lost')),
      ),
  ],
  [
    'the plan deletes an address in use, and the address is recoverable',
    (plan) => {
      const deleted = plan.resourceChanges.flatMap(({ action, id }) =>
        action === 'delete' && id !== null ? [idKey(id)] : [],
      )
      return plan.egressIps.every(
        ({ change, resourceId, recoverable }) =>
          change !== 'lost' || !recoverable || !deleted.includes(idKey(resourceId ?? '')),
      )
    },
  ],
  [
    'an unused address is released, and the ledger uses it afterwards',
    (plan) =>
      factsOf(plan, 'UNUSED_IP_RELEASED').every(
        ({ facts }) =>
          !(facts.addresses as string[]).some((address) =>
            addressesWith(plan, 'kept', 'added').includes(address),
          ),
      ),
  ],
  [
    'AKS releases a resource, and the plan does not update the cluster',
    ({ status, resourceChanges, steps }) =>
      status !== 'applicable' ||
      !resourceChanges.some(({ action, owner }) => action === 'delete' && owner === 'aks') ||
      steps.some(({ key }) => key === 'change-outbound-type' || key === 'reconcile-cluster'),
  ],
  [
    'a resource is deleted and retained',
    ({ resourceChanges }) => {
      const idsOf = (wanted: string) =>
        resourceChanges.flatMap(({ action, id }) => (action === wanted && id !== null ? [idKey(id)] : []))
      return !idsOf('delete').some((id) => idsOf('retain').includes(id))
    },
  ],
  [
    'Service frontends do not change, and one loses its address',
    (plan) => !plan.disruption.ingress.includes('do not change') || !has(plan, 'SERVICE_SHARES_EGRESS_IP'),
  ],
  [
    'replies already go to the appliance, and ingress is to move before the cutover',
    (plan) =>
      factsOf(plan, 'INGRESS_ASYMMETRIC_ROUTING').every(
        ({ facts, remedy }) => !facts.isRoutedNow || !remedy.includes('before the cutover'),
      ),
  ],
  [
    'there is no rollback, and the rollback is supported',
    (plan) => !has(plan, 'NO_WAY_BACK') || !plan.rollback.supported,
  ],
  [
    'the plan adds ranges, and adds none',
    (plan) =>
      !has(plan, 'AUTHORIZED_RANGES_WIDENED') ||
      plan.authorizedRanges.add.length + plan.authorizedRanges.addPrepared.length > 0,
  ],
  [
    'the idle timeout falls, and does not',
    (plan) => {
      const { before, after } = plan.disruption.idleTimeoutInMinutes
      return !has(plan, 'IDLE_TIMEOUT_SHRINKS') || (before !== null && after !== null && after < before)
    },
  ],
  [
    'SNAT ports fall, and do not',
    ({ snat, ...plan }) =>
      factsOf({ snat, ...plan }, 'SNAT_DROPS').every(
        ({ facts }) => facts.before === snat.before.portsPerNode && facts.after === snat.after.portsPerNode,
      ),
  ],
  [
    'the load balancer has SNAT ports of some addresses, and its paths have other addresses',
    ({ snat, paths }) => {
      const rows = paths.filter((row) => isInternet(row) && row.before.path === 'loadBalancer')
      const addresses = new Set(rows.flatMap(({ before }) => before.addresses))
      return (
        snat.before.path !== 'loadBalancer' ||
        snat.before.addresses === null ||
        rows.length === 0 ||
        [...addresses].some((address) => address.includes('/')) ||
        snat.before.addresses === addresses.size
      )
    },
  ],
  [
    'a resource has a negative cost',
    ({ cost }) =>
      cost === undefined ||
      [...cost.before.lines, ...cost.after.lines].every(({ monthly }) => monthly === null || monthly >= 0),
  ],
  [
    'zones of pool and gateway differ, and the egress is zone-redundant',
    (plan) => !has(plan, 'UANAT_SINGLE_ZONE') || plan.zoneResilience.after.kind !== 'zoneRedundant',
  ],
  [
    'new addresses are invisible, and the ledger knows all of them',
    (plan) =>
      !has(plan, 'EGRESS_PATH_NOT_IN_ARM') || plan.egressIps.some(({ change }) => change === 'unknown'),
  ],
  [
    'clients of the API server get an address, and no path to the API server has it',
    (plan) =>
      factsOf(plan, 'AUTHORIZED_SELF_LOCKOUT').every(({ facts }) => {
        const [former, added] = [facts.former, facts.notAdmitted] as [string[], string[]]
        // With API Server VNet Integration, nodes use another path than these clients.
        if (plan.authorizedRanges.mode !== 'enforced')
          return ![...former, ...added].some((item) => item.includes(':'))
        return (
          isSubset(former, toApiServer(plan, 'usedBefore')) && isSubset(added, toApiServer(plan, 'usedAfter'))
        )
      }),
  ],
  [
    'a range is missing, and no path to the API server has its address',
    (plan) =>
      factsOf(plan, 'AUTHORIZED_RANGES_WIDENED').every(({ facts }) =>
        isSubset(
          (facts.missing as string[]).filter((entry) => !entry.startsWith('/')),
          toApiServer(plan, 'usedAfter'),
        ),
      ),
  ],
  [
    'a range is to be removed, and an address in use needs it',
    ({ authorizedRanges, egressIps }) =>
      egressIps.every(
        ({ change, address }) =>
          change === 'lost' ||
          address === null ||
          !authorizedRanges.removeLater.some((range) => holdsAddress(range, address)),
      ),
  ],
  [
    'traffic moves, and neither a path nor an address changes',
    (plan) =>
      // A blocked plan can describe the cutover of a step that it does not contain.
      plan.status !== 'applicable' ||
      plan.disruption.movesTraffic !== true ||
      plan.paths.some((row) => moves(row) || row.before.certainty !== row.after.certainty) ||
      plan.egressIps.some(({ change }) => change !== 'kept'),
  ],
  [
    'packets keep or change their addresses, and their paths say otherwise',
    (plan) =>
      factsOf(plan, 'EFFECTIVE_DIFFERS_FROM_DECLARED').every(({ facts }) => {
        const names = (facts.subnets as { subnet: string }[]).map(({ subnet }) => subnet)
        const rows = rowsOf(plan, names).filter(
          (row) => isInternet(row) || ['0.0.0.0/1', '128.0.0.0/1'].includes(row.destination ?? ''),
        )
        const meaning = String(facts.meaning)
        // Addresses that ARM does not show can differ.
        if (/source addresses change|moves the packets/.test(meaning))
          return rows.some((row) => moves(row) || !row.before.isComplete)
        return !meaning.includes('keep their path') || !rows.some(moves)
      }),
  ],
  [
    'pods and nodes have different paths, and have the same path',
    (plan) =>
      factsOf(plan, 'POD_SUBNET').every(({ facts }) =>
        (facts.pools as { pool: string; podSubnet: string; traffic: string }[]).every(
          ({ pool, podSubnet, traffic }) => {
            const rows = plan.paths.filter((row) => isInternet(row) && row.pools.includes(pool))
            const pods = rows.find((row) => nameOf(row) === podSubnet)
            // In unusual networks, a pool can have rows in further subnets.
            const others = rows.filter((row) => nameOf(row) !== podSubnet)
            return traffic !== 'traffic' || others.some(({ after }) => textOf(after) !== textOf(pods?.after))
          },
        ),
      ),
  ],
  [
    'nodes move from their public IPs to a NAT gateway, and their paths do not',
    (plan) =>
      factsOf(plan, 'NODE_PUBLIC_IP_NAT_TARGET').every(({ facts }) =>
        (facts.pools as string[]).every((pool) => {
          const rows = plan.paths.filter((row) => isInternet(row) && row.pools.includes(pool))
          return rows.length === 0 || rows.some(({ after }) => after.path === 'natGateway')
        }),
      ),
  ],
  [
    'nodes have default outbound access, and each path has a resource',
    (plan) =>
      factsOf(plan, 'NODEIP_POOL_DEFAULT_OUTBOUND').every(({ facts }) =>
        (facts.subnets as string[]).every((name) =>
          rowsOf(plan, [name]).some(
            ({ after }) =>
              !['natGateway', 'virtualAppliance', 'virtualNetworkGateway', 'none'].includes(after.path),
          ),
        ),
      ),
  ],
]

/** A plan has no rows for subnets that could not be read, so these statements hold if all subnets were read. */
const CHECKS_OF_PATHS: Check[] = [
  [
    'egress is lost, and no path ends',
    (plan) =>
      !has(plan, 'ISO_WORKLOADS_LOSE_INTERNET', 'ISO_MONITORING', 'ISO_REIMAGE_ORDER') ||
      plan.paths.length === 0 ||
      plan.paths.some(ends),
  ],
  [
    'a path ends, and no finding reports it',
    (plan) =>
      plan.status !== 'applicable' ||
      plan.paths.every(
        (row) =>
          isOpen(row.before) ||
          isLost(row.before) ||
          !isLost(row.after) ||
          has(
            plan,
            'ISO_WORKLOADS_LOSE_INTERNET',
            ...(row.family === 'IPv4' ? ['ROUTE_GATEWAY_MISSING'] : []),
            ...(row.family === 'IPv6' ? ['IPV6_EGRESS_LOST'] : []),
            ...(row.destination === 'apiServer' ? ['API_SERVER_PATH_LOST'] : []),
            ...(row.family === 'IPv4' ? ['EXCEPTION_PATH_MOVES', 'EGRESS_PATH_NOT_IN_ARM'] : []),
            ...(isInternet(row) ? ['API_SERVER_PATH_LOST'] : []),
          ) ||
          factsOf(plan, 'RECONCILE_COMPLETES_CHANGE').some(({ facts }) =>
            ((facts.ends ?? []) as string[]).includes(nameOf(row)),
          ),
      ),
  ],
  [
    'nodes cannot reach the API server, and its path stays',
    (plan) =>
      factsOf(plan, 'ISO_API_PUBLIC').every(({ facts }) => {
        const rows = apiServerRows(plan)
        const isKept = rows.length > 0 && rows.every(({ after }) => !isLost(after) && !isOpen(after))
        return (facts.keepsPath === true) === isKept
      }),
  ],
  [
    'the API server sees unknown new addresses, and its paths do not change',
    (plan) =>
      !has(plan, 'AUTHORIZED_EGRESS_NOT_IN_ARM') ||
      plan.paths.length === 0 ||
      plan.paths.some((row) => row.family === 'IPv4' && (moves(row) || row.before.path === 'unknown')),
  ],
  [
    'the cluster sends no traffic to the internet, and has a path',
    (plan) =>
      !plan.cutOver.because.includes('sends no traffic to the internet') ||
      plan.paths.every(({ before, after }) => before.path === 'none' && after.path === 'none'),
  ],
  [
    'other traffic keeps its path, and the step of another subnet moves it',
    (plan) =>
      !/^New connections to .*Other traffic keeps its path/.test(plan.cutOver.because) ||
      new Set(plan.paths.map(({ subnetId }) => subnetId)).size < 2,
  ],
  [
    'AKS permanently releases an address, and no resource change releases it',
    (plan) => {
      const deleted = plan.resourceChanges.flatMap(({ action, id }) =>
        action === 'delete' && id !== null ? [idKey(id)] : [],
      )
      return (
        plan.status !== 'applicable' ||
        plan.egressIps.every(
          ({ change, recoverable, resourceId }) =>
            change !== 'lost' || recoverable || deleted.includes(idKey(resourceId ?? '')),
        )
      )
    },
  ],
  [
    'a retained gateway carries traffic, and no path uses it',
    (plan) =>
      plan.resourceChanges.every(
        ({ because, id }) =>
          !because.includes('still carries traffic') ||
          plan.paths.some(({ after }) => idKey(after.via ?? '') === idKey(id ?? '')),
      ),
  ],
  [
    'IPv6 packets have no path, and some have one',
    (plan) =>
      factsOf(plan, 'IPV6_EGRESS_LOST').every(({ facts }) => {
        const { destinations, except } = facts as { destinations: string[]; except?: string[] }
        const rows = rowsOf(plan, facts.subnets).filter(({ family }) => family === 'IPv6')
        const kept = rows.flatMap(({ after, destination = '' }) =>
          after.path === 'none' ? [] : [destination],
        )
        return destinations.length > 0 || isSubset(kept, except ?? [])
      }),
  ],
  [
    'an address is lost, and the cluster uses a prefix that contains it',
    ({ egressIps }) =>
      egressIps.every(
        (row) =>
          row.change !== 'lost' ||
          !egressIps.some(
            (other) =>
              other.change === 'kept' &&
              other.address?.includes('/') === true &&
              holdsAddress(other.address, row.address ?? ''),
          ),
      ),
  ],
]

const CHECKS_OF_REAL_NETWORKS: Check[] = [
  [
    'a rollback restores everything, and something that the plan attaches stays',
    (plan) =>
      !restoresAll(plan) ||
      plan.cutOver.step?.startsWith('prepare-') !== true ||
      plan.rollback.prepare !== undefined,
  ],
  [
    'a rollback restores everything, and the addresses of default outbound access can change',
    (plan) =>
      !restoresAll(plan) || !plan.paths.some((row) => moves(row) && row.before.path === 'defaultOutbound'),
  ],
  [
    'a rollback restores everything, and Azure does not define which gateway the change leaves',
    (plan) =>
      !restoresAll(plan) ||
      !plan.paths.some(
        (row) =>
          moves(row) &&
          [row.before, row.after].every(({ path }) => path === 'natGateway') &&
          row.before.via !== null &&
          row.after.via === null &&
          isSubset(row.before.addresses, row.after.addresses),
      ),
  ],
  [
    'an address that goes on carrying egress is deleted or detached',
    (plan) => {
      const kept = plan.egressIps.flatMap(({ change, resourceId }) =>
        change === 'kept' && resourceId !== null ? [idKey(resourceId)] : [],
      )
      const attached = plan.resourceChanges.flatMap(({ action, id }) =>
        action === 'attach' ? (id ?? []) : [],
      )
      return !plan.resourceChanges.some(
        ({ action, id, type }) =>
          !attached.includes(id ?? '') &&
          (action === 'delete' || action === 'detach') &&
          id !== null &&
          /publicIP/i.test(type) &&
          kept.includes(idKey(id)),
      )
    },
  ],
]
