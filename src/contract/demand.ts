import { type Static, Type } from 'typebox'
import { dateTime, enumOf, nullable, string, strings } from './fields.ts'

export const MEASURED_KINDS = ['loadBalancer', 'natGateway', 'firewall'] as const
export type MeasuredKind = (typeof MEASURED_KINDS)[number]

const peakAndP95 = { peak: Type.Number(), p95: Type.Number() }

const MeasuredResourceSchema = Type.Object({
  id: string('The resource that carries the traffic now.'),
  kind: enumOf(MEASURED_KINDS),
  connections: nullable(Type.Object(peakAndP95), {
    description:
      'SNAT ports in use (load balancer) or active connections (NAT gateway) of all nodes together, as means of 30 min. Null if it was not measured.',
  }),
  peakPerNode: nullable(Type.Integer(), {
    description: 'The most SNAT ports that one node used with one address of a load balancer.',
  }),
  allocatedPorts: nullable(Type.Integer(), {
    description: 'The most SNAT ports that a load balancer had allocated to all nodes.',
  }),
  utilization: nullable(Type.Object(peakAndP95), {
    description: 'The SNAT ports in use of an Azure Firewall, in percent.',
  }),
  failedConnections: nullable(Type.Object({ lastDay: Type.Integer(), total: Type.Integer() })),
  droppedPackets: nullable(Type.Integer(), { description: 'Packets that a NAT gateway dropped.' }),
  gigabytes: nullable(Type.Number(), { description: 'Processed data of the period, both directions.' }),
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
      description: 'The peak of all resources together. Null if a part was not measured.',
    }),
    suggestedIpCount: nullable(Type.Integer(), {
      description: 'The number of addresses that the target needs for the measured peak.',
    }),
    failedLastDay: nullable(Type.Integer(), {
      description: 'Outbound connections that failed in the last 24 h. Null if it is unknown.',
    }),
    unknown: strings('What was not measured, with the reason.'),
  },
  { $id: 'MeasuredSnat' },
)
export type MeasuredSnat = Static<typeof MeasuredSnatSchema>
