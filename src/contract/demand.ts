import { type Static, Type } from 'typebox'
import { dateTime, enumOf, nullable, string, strings } from './fields.ts'

export const MEASURED_KINDS = ['loadBalancer', 'natGateway', 'firewall'] as const
export type MeasuredKind = (typeof MEASURED_KINDS)[number]

const peakAndP95 = { peak: Type.Number(), p95: Type.Number() }

const MeasuredResourceSchema = Type.Object({
  id: string('The resource that carries the traffic now.'),
  kind: enumOf(MEASURED_KINDS),
  // Absent in plans of earlier versions.
  exclusive: Type.Optional(
    Type.Boolean({
      description:
        'Whether only this cluster uses the resource. If this is false, others use it or may use it, and the values are those of all users.',
    }),
  ),
  connections: nullable(Type.Object(peakAndP95), {
    description:
      'The number of SNAT ports in use (load balancer) or of active connections (NAT gateway) at the same time. TCP and UDP have separate ports, so the value is the higher number of the two. `peak` is the highest mean over 5 min or, for the last 24 h, over 1 min; shorter bursts can be higher. `p95` is the 95th percentile of the means over 5 min. Null if it was not measured.',
  }),
  peakPerNode: nullable(Type.Integer(), {
    description: 'The highest number of SNAT ports that one node used with one address of a load balancer.',
  }),
  allocatedPorts: nullable(Type.Integer(), {
    description:
      'The highest number of SNAT ports for one protocol that a load balancer had allocated to all nodes in the last 24 h.',
  }),
  utilization: nullable(Type.Object(peakAndP95), {
    description: 'The SNAT ports in use of an Azure Firewall, in percent.',
  }),
  failedConnections: nullable(Type.Object({ lastDay: Type.Integer(), total: Type.Integer() })),
  droppedPackets: nullable(Type.Integer(), { description: 'Packets that a NAT gateway dropped.' }),
  gigabytes: nullable(Type.Number(), {
    description: 'The data processed in the period, in both directions.',
  }),
  unknown: nullable(Type.String(), { description: 'Why values are missing. Null if none is missing.' }),
})
export type MeasuredResource = Static<typeof MeasuredResourceSchema>

/** The measured demand of the present egress, from Azure Monitor. */
export const MeasuredSnatSchema = Type.Object(
  {
    from: dateTime(),
    to: dateTime(),
    resources: Type.Array(MeasuredResourceSchema),
    portsNeeded: nullable(Type.Integer(), {
      description:
        'The sum of the peaks of all resources. Each connection of a NAT gateway counts as one port, which is an upper limit. Null if a part was not measured, or if others use the resources too.',
    }),
    // Absent in plans of earlier versions.
    portsPerNodeNeeded: Type.Optional(
      nullable(Type.Integer(), {
        description:
          'The minimum number of ports for one node: the highest number that one node used with one address, or `portsNeeded` divided by the number of nodes at peak.',
      }),
    ),
    suggestedIpCount: nullable(Type.Integer(), {
      description:
        'The number of addresses that the target needs for the measured peak. Null if it is unknown, or more than the target supports.',
    }),
    suggestedPortsPerNode: Type.Optional(
      nullable(Type.Integer(), {
        description:
          'The `allocatedOutboundPorts` of a load balancer that are enough for the measured peak, even with the current number of nodes. Null if automatic allocation is enough.',
      }),
    ),
    failedLastDay: nullable(Type.Integer(), {
      description: 'Outbound connections that failed in the last 24 h. Null if it is unknown.',
    }),
    unknown: strings('What was not measured, with the reason.'),
  },
  { $id: 'MeasuredSnat' },
)
export type MeasuredSnat = Static<typeof MeasuredSnatSchema>
