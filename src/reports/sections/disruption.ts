import type { MeasuredResource, MeasuredSnat } from '../../contract/demand.ts'
import type { SnatSide } from '../../contract/egress.ts'
import type { PlannedMaintenance } from '../../contract/maintenance.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { API_SERVER, INTERNET } from '../../core/egress/destinations.ts'
import { pathLabel } from '../../core/egress/path-labels.ts'
import { formatted, listed, named } from '../../core/lib/text.ts'
import { destinationLabel } from '../diagram/subnet-groups.ts'
import {
  type Block,
  type Cell,
  codeList,
  type Inline,
  listBelow,
  paragraph,
  pluralize,
  prose,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import { connectionImpact, type ReportedPlan } from '../plan/reported-plan.ts'

/** The effects on the users of the cluster. */
export function disruptionSection(plan: ReportedPlan): Section {
  const { disruption } = plan
  const { before, after } = disruption.idleTimeoutInMinutes
  const impact = connectionImpact(plan)
  const facts: [string, Text][] = [
    ['Open connections', `${impact.charAt(0).toUpperCase()}${impact.slice(1)}.`],
    ...(disruption.downtime === undefined
      ? []
      : [['Downtime', prose(disruption.downtime)] as [string, Text]]),
    [
      'Idle timeout of connections',
      before === after
        ? `${minutes(after)}.`
        : `${minutes(before)} before the change, ${minutes(after)} after it.`,
    ],
    ...(disruption.newPath === undefined
      ? []
      : [['New egress path', prose(disruption.newPath)] as [string, Text]]),
    ...(plan.maintenance === undefined
      ? []
      : [['Planned maintenance', prose(maintenance(plan.maintenance))] as [string, Text]]),
    ['Ingress', prose(disruption.ingress)],
    ['Node image upgrade', prose(disruption.nodeImageUpgrade)],
  ]
  return { id: 'disruption', title: 'Disruption', blocks: [{ kind: 'facts', facts }] }
}

/** The window that applies to jobs with the window `cluster`, and the names of the others. */
function maintenance({ configurations, applies, because, nextOpensAt }: PlannedMaintenance): string {
  const window = configurations.find(({ name }) => name === applies)
  if (window === undefined) return because
  const others = configurations.filter((other) => other !== window).map(({ name }) => name)
  return `${window.name}: ${window.summary}. ${nextOpensAt === null ? 'The next start is unknown.' : `Next start: ${nextOpensAt}.`}${others.length === 0 ? '' : ` Other windows: ${listed(others)}.`}`
}

function minutes(count: number | null): string {
  return count === null ? 'unknown' : `${count} min`
}

/** SNAT ports before and after: whether the new egress supports as many connections as the old egress. */
export function snatSection(plan: ReportedPlan): Section {
  const { nodes, before, after, suggestedIpCount, suggestedPortsPerNode, measured } = plan.snat
  const uncounted = nodes.unknownPools ?? []
  const suggestion: Block[] =
    suggestedIpCount === null
      ? []
      : [
          paragraph(
            'The target needs at least ',
            ...sizeText(suggestedIpCount, suggestedPortsPerNode),
            ' to give each node at least as many ports as before.',
          ),
        ]
  return {
    id: 'snat-ports',
    title: 'SNAT ports before and after',
    shortTitle: 'SNAT ports',
    blocks: [
      paragraph(
        `Calculated for ${nodes.peak} nodes: all pools at their maximum size, plus the surge nodes of an upgrade. Current nodes: ${nodes.now}.${uncounted.length === 0 ? '' : ` Azure Resource Manager does not show the number of nodes of ${named('node pool', uncounted)}.`}`,
      ),
      ...tableOf(
        'SNAT ports before and after',
        ['Property', 'Before', 'After'],
        [
          row('Egress path', before, after, ({ path }) => pathLabel(path)),
          row('Public IPv4 addresses', before, after, ({ addresses }) => number(addresses)),
          row('Ports in total', before, after, ({ ports }) => number(ports)),
          row('Ports per node', before, after, ({ portsPerNode }) => number(portsPerNode)),
          row('Maximum number of nodes', before, after, nodeLimit),
          row('Calculation', before, after, ({ rule }) => rule),
        ],
      ),
      ...suggestion,
      ...portsOfPaths(plan),
      ...(measured === undefined ? [] : measuredBlocks(measured)),
    ],
  }
}

/**
 * The ports of each path whose number changes, if the paths have no common number, or a path to some destinations loses
 * ports. Otherwise the table above has the same numbers.
 */
function portsOfPaths({ status, paths, snat }: ReportedPlan): Block[] {
  const changed = paths.filter(({ before, after }) => before.snatPorts !== after.snatPorts)
  const isMixed = snat.before.path === 'mixed' || snat.after.path === 'mixed'
  const isShown = changed.some((row) => isMixed || (row.destination !== 'internet' && losesPorts(row)))
  if (status === 'blocked' || !isShown) return []
  return [
    paragraph('Paths with the same addresses share the ports:'),
    ...tableOf(
      'SNAT ports of each path that changes',
      ['Subnet', 'Node pools', 'Destination', 'Ports before', 'Ports after'],
      changed.map(({ subnetId, pools, destination, before, after }): Text[] => [
        [{ code: lastSegment(subnetId) }],
        pools.length === 0 ? 'not visible' : codeList(pools),
        portsDestination(destination),
        number(before.snatPorts ?? null),
        number(after.snatPorts ?? null),
      ]),
    ),
  ]
}

function losesPorts({ before, after }: ReportedPlan['paths'][number]): boolean {
  const [had, has] = [before.snatPorts ?? null, after.snatPorts ?? null]
  return had !== null && has !== null && after.path !== 'none' && has < had
}

function portsDestination(destination = INTERNET): Text {
  if (destination === INTERNET) return 'the internet'
  return destination === API_SERVER ? destinationLabel(destination) : [{ code: destination }]
}

/** The demand that Azure Monitor measured on the present egress. */
function measuredBlocks({
  from,
  to,
  resources,
  suggestedIpCount,
  suggestedPortsPerNode,
  unknown,
}: MeasuredSnat): Block[] {
  return [
    paragraph(
      'The following table shows the demand that Azure Monitor measured from ',
      { time: from },
      ' to ',
      { time: to },
      ', before the change. A peak is the higher of two values: the highest 5-minute mean of the period, and the highest 1-minute mean of the last 24 h of the period. Bursts that last less than a minute can be higher.',
    ),
    ...tableOf(
      'Measured SNAT demand',
      [
        'Resource',
        'Peak demand',
        '95th percentile of the demand',
        'Peak ports of one node',
        'Failed connections in the last 24 h',
        'Processed data in GB',
      ],
      resources.map((resource) => [
        [{ code: lastSegment(resource.id) }],
        demand(resource, 'peak'),
        demand(resource, 'p95'),
        number(resource.peakPerNode),
        number(resource.failedConnections?.lastDay ?? null),
        number(resource.gigabytes),
      ]),
    ),
    ...(suggestedIpCount === null
      ? []
      : [
          paragraph(
            'The target needs at least ',
            ...sizeText(suggestedIpCount, suggestedPortsPerNode),
            ' for the measured peak.',
          ),
        ]),
    ...listBelow('Not measured:', unknown.map(prose)),
  ]
}

function sizeText(ipCount: number, portsPerNode: number | null | undefined): Inline[] {
  const addresses = pluralize(ipCount, 'address', 'addresses')
  return prose(
    portsPerNode == null ? addresses : `${addresses} and \`allocatedOutboundPorts\` ${portsPerNode}`,
  )
}

/** A load balancer counts ports in use, a NAT gateway active connections, and an Azure Firewall the share of its ports. */
function demand({ kind, connections, utilization }: MeasuredResource, value: 'peak' | 'p95'): string {
  if (connections !== null) {
    const unit = kind === 'loadBalancer' ? 'port' : 'connection'
    return `${number(connections[value])} ${unit}${connections[value] === 1 ? '' : 's'}`
  }
  return utilization === null ? 'unknown' : `${utilization[value]} % of the ports`
}

function row(name: string, before: SnatSide, after: SnatSide, value: (side: SnatSide) => string): Cell[] {
  return [name, value(before), value(after)]
}

function number(count: number | null): string {
  return count === null ? 'unknown' : formatted(count)
}

function nodeLimit({ maxNodes, ports }: SnatSide): string {
  if (maxNodes !== null) return number(maxNodes)
  return ports === null ? 'unknown' : 'no fixed limit'
}
