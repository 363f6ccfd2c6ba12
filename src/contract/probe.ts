import { type Static, Type } from 'typebox'
import { AZURE_MODES, ClusterByIdSchema, ClusterByNameSchema, ClusterRefSchema } from './cluster.ts'
import { closed, dateTime, enumOf, nullable, ref, string, strings, uuid } from './fields.ts'
import { ENDPOINT_NEEDS } from './routing.ts'

export const MAX_PROBE_ENDPOINTS = 50
export const MAX_PROBE_NODES = 20
export const DEFAULT_PROBE_NODES = 10

/**
 * An https URL of a DNS name, with neither query nor user. Each allowed character has no meaning in a shell, and a query
 * could contain a secret, which the run-command log of the node would keep.
 */
const PROBE_URL =
  '^https://[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._~/-]*)?$'

function probeUrl(description: string) {
  return Type.String({ pattern: PROBE_URL, maxLength: 300, description, examples: ['https://example.com/'] })
}

/** What a probe measures beyond the endpoints that AKS requires. */
export const ProbeOptions = {
  endpoints: Type.Optional(
    Type.Array(
      probeUrl('An https URL of a DNS name, without query. Local names and addresses are rejected.'),
      {
        maxItems: MAX_PROBE_ENDPOINTS,
        uniqueItems: true,
        description:
          'Further endpoints. The endpoints that AKS requires come first. A node reports at most 70 endpoints; `notes` name the endpoints that exceed this limit.',
      },
    ),
  ),
  sourceAddressUrl: Type.Optional(
    probeUrl(
      'An https URL that returns the IP address of its caller as plain text. Nodes call it to observe their public source address. Default: none.',
    ),
  ),
  maxNodes: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_PROBE_NODES,
      description: `The maximum number of probed nodes: one for each pool and subnet. Default: ${DEFAULT_PROBE_NODES}.`,
    }),
  ),
}

export const ProbeRequestSchema = Type.Object(
  {
    cluster: Type.Union([ClusterByNameSchema, ClusterByIdSchema], {
      description: 'The cluster, either by `subscriptionId`, `resourceGroup` and `name`, or by `id`.',
    }),
    ...ProbeOptions,
  },
  { ...closed, $id: 'ProbeRequest' },
)
export type ProbeRequest = Static<typeof ProbeRequestSchema>

export const PROBE_STATUSES = ['NotStarted', 'Running', 'Succeeded', 'Failed'] as const
export type ProbeStatus = (typeof PROBE_STATUSES)[number]

export const PROBE_OUTCOMES = [
  'reached',
  'dnsFailed',
  'tcpFailed',
  'proxyFailed',
  'tlsFailed',
  'httpFailed',
  'unknown',
] as const
export type ProbeOutcome = (typeof PROBE_OUTCOMES)[number]

/** The measurement of one endpoint on one node. */
export const EndpointReadingSchema = Type.Object(
  {
    endpoint: string('The host and the port.'),
    origin: enumOf(['required', 'apiServer', 'requested', 'httpProxy'], {
      description:
        'Why the endpoint was probed: AKS requires it, it is the API server or the HTTP proxy of the cluster, or the request contains it.',
    }),
    need: enumOf(ENDPOINT_NEEDS, {
      description: 'As in `requiredEndpoints` of a plan. `required` for endpoints of the request.',
    }),
    via: Type.Optional(
      enumOf(['direct', 'httpProxy'], {
        description:
          '`httpProxy`: the request passed the HTTP proxy of the cluster, because `httpProxyConfig` does not exclude the endpoint.',
      }),
    ),
    outcome: enumOf(PROBE_OUTCOMES, {
      description:
        '`reached`: the endpoint returned an HTTP status. The other values name the first layer that failed; `proxyFailed` is the HTTP proxy, or its path to the endpoint. `unknown`: there is no measurement. `dnsFailed` with an `address`: the name resolves to the node itself or to an address without a host, which is how DNS filters block names.',
    }),
    address: nullable(Type.String(), {
      description:
        'The IP address in the DNS answer. Null behind an HTTP proxy, which resolves the name itself.',
    }),
    issuer: nullable(Type.String(), {
      description:
        'The issuer of the TLS certificate, which may be truncated. An intercepting proxy uses its own certificate.',
    }),
    httpStatus: nullable(Type.Integer(), {
      description: 'With `proxyFailed`, the status that the HTTP proxy returned.',
    }),
    milliseconds: nullable(Type.Integer({ description: 'The duration of the request.' })),
  },
  { $id: 'EndpointReading' },
)
export type EndpointReading = Static<typeof EndpointReadingSchema>

export const NODE_PROBE_STATUSES = ['waiting', 'running', 'completed', 'failed', 'skipped'] as const

/** The measurements of one node, which represents its pool in its subnet. */
export const NodeProbeSchema = Type.Object(
  {
    pool: string(),
    subnetId: nullable(Type.String(), { description: 'Null if Azure does not show the subnet.' }),
    instanceId: nullable(Type.String(), {
      description: 'The ARM ID of the instance. Null if none is ready.',
    }),
    status: enumOf(NODE_PROBE_STATUSES, {
      description: '`skipped`: the pool has no instance that can be probed; `reason` says why.',
    }),
    reason: nullable(Type.String()),
    isUnanswered: Type.Optional(
      Type.Boolean({
        description:
          'True if Azure accepted the run-command and the node returned no result. A node needs egress to Azure on port 443 to return one.',
      }),
    ),
    isUnreadable: Type.Optional(
      Type.Boolean({
        description:
          'True if the run-command succeeded, but its output is not that of this probe. It is unknown what the node reaches.',
      }),
    ),
    isRejected: Type.Optional(
      Type.Boolean({
        description:
          'True if Azure rejected the run-command, for example because of a denied permission or a lock.',
      }),
    ),
    isComplete: Type.Boolean({
      description: 'False if Azure truncated the output, so that readings are missing.',
    }),
    dnsServer: nullable(Type.String(), { description: 'The first DNS server of the node.' }),
    sourceAddress: nullable(Type.String(), {
      description:
        'The observed public source address: the IPv4 address in a dual-stack cluster. Behind an HTTP proxy, that of the proxy.',
    }),
    sourceAddressIpv6: Type.Optional(
      nullable(Type.String(), {
        description:
          'The observed public source address over IPv6, in a dual-stack cluster with `sourceAddressUrl`. Null if the URL returned none.',
      }),
    ),
    readings: Type.Array(ref(EndpointReadingSchema)),
  },
  { $id: 'NodeProbe' },
)
export type NodeProbe = Static<typeof NodeProbeSchema>

export const ProbeSchema = Type.Object(
  {
    id: uuid('The ID of the probe.'),
    cluster: ref(ClusterRefSchema),
    azure: enumOf(AZURE_MODES),
    status: enumOf(PROBE_STATUSES, {
      description:
        '`Succeeded`: the probe has ended, whether endpoints were reached or not. Nodes that cannot be measured, for example because of a denied permission, have a `reason`; if this applies to all nodes, `notes` say so. `Failed`: the cluster could not be read, or Azure accepted run-commands and no node returned a readable result; `notes` say why.',
    }),
    createdBy: string(),
    createdAt: dateTime(),
    finishedAt: nullable(dateTime()),
    nodes: Type.Array(ref(NodeProbeSchema)),
    notes: strings('What was not probed, and why.'),
  },
  { $id: 'Probe' },
)
export type Probe = Static<typeof ProbeSchema>

export const LOSS_KINDS = ['endpoint', 'sourceAddress', 'unanswered', 'unmeasured'] as const
export type LossKind = (typeof LOSS_KINDS)[number]

const LostEndpoints = (description: string) =>
  Type.Array(
    Type.Object({
      kind: Type.Optional(
        enumOf(LOSS_KINDS, {
          description:
            '`endpoint`: a node does not reach it as before. `sourceAddress`: the public source address is not as planned. `unanswered`: a node no longer returns results. `unmeasured`: no measurement shows whether the node still reaches it. Absent in jobs of earlier versions.',
        }),
      ),
      endpoint: nullable(Type.String(), {
        description:
          'Null for a public source address that is not in the plan, and for a node without a readable result.',
      }),
      pool: string(),
      subnetId: nullable(Type.String()),
      cause: string('The likely cause, from the egress path of the plan.'),
    }),
    { description },
  )

export const ROLLBACK_REACH = ['measuring', 'restored', 'notRestored', 'unknown'] as const

/** The measurements of a job whose plan has `verifyFromNodes`: before the cutover, after it, and after a rollback. */
export const NodeVerificationSchema = Type.Object(
  {
    before: nullable(Type.Array(ref(NodeProbeSchema)), {
      description:
        'Null until the first measurement. In the job of a rollback plan, the measurement of the reverted job before its cutover.',
    }),
    after: nullable(Type.Array(ref(NodeProbeSchema)), {
      description:
        'Null until the measurement after the cutover, and in the job of a rollback plan. A lost endpoint is measured a second time.',
    }),
    lost: LostEndpoints(
      'Endpoints that nodes reached before the cutover. After the cutover, nodes do not reach these endpoints, or return no reading for them.',
    ),
    unreached: Type.Optional(
      LostEndpoints(
        'Endpoints of the request, endpoints that AKS requires, and the API server, which nodes do not reach after the cutover and which were not measured before it. They do not fail the job, because it is unknown whether nodes reached them before. Absent if there are none.',
      ),
    ),
    afterRollback: Type.Optional(
      Type.Object(
        {
          outcome: enumOf(ROLLBACK_REACH, {
            description:
              '`restored`: nodes again reach every required and every requested endpoint that they reached before the cutover. `notRestored`: `lost` is not empty. `unknown`: a part could not be measured, as `unmeasured` says.',
          }),
          nodes: Type.Array(ref(NodeProbeSchema)),
          lost: LostEndpoints(
            'Endpoints that nodes reached before the cutover but do not reach after the rollback.',
          ),
          unmeasured: strings('What could not be compared with the measurement before the cutover, and why.'),
        },
        {
          description:
            'The measurement after an automatic rollback, or at the end of the job of a rollback plan. The job of a cleanup plan that moves the traffic back after a failed change also has this measurement. Absent without one, and if no node was measured before the cutover.',
        },
      ),
    ),
    notes: Type.Optional(strings('What was not measured, and why, as in a probe.')),
  },
  { $id: 'NodeVerification' },
)
export type NodeVerification = Static<typeof NodeVerificationSchema>
