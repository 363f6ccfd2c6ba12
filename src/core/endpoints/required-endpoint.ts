/** The protocols that endpoints are told apart by; `HTTPS` and `HTTP` are TCP that a firewall can look into. */
export const ENDPOINT_PROTOCOLS = ['HTTPS', 'HTTP', 'TCP', 'UDP'] as const
export type EndpointProtocol = (typeof ENDPOINT_PROTOCOLS)[number]

/**
 * `required`: nodes do not start or stay without it. `conditional`: needed by some clusters, and ARM does not show
 * by which. `recommended`: nodes work without it, and miss updates.
 */
export const ENDPOINT_NEEDS = ['required', 'conditional', 'recommended'] as const
export type EndpointNeed = (typeof ENDPOINT_NEEDS)[number]

/**
 * What the firewall's rules do with an endpoint. `open`: a rule lets it through from every subnet. `notProven`: a rule
 * may, and what decides it is not read (IP groups, addresses behind a name). `blocked`: no rule does, or one denies
 * it. `notChecked`: no rules could be looked into.
 */
export const OPENNESS = ['open', 'notProven', 'notChecked', 'blocked'] as const
export type Openness = (typeof OPENNESS)[number]

/** One destination that nodes must reach once they leave by an appliance. */
export interface RequiredEndpoint {
  /** A name, which may begin with `*.`; a service tag such as `AzureCloud.eastus`; or an address. */
  destination: string
  kind: 'fqdn' | 'serviceTag' | 'address'
  port: number
  protocol: EndpointProtocol
  need: EndpointNeed
  reason: string
  /** What makes it needed: `always`, `Windows pools`, the name of an add-on. */
  when: string
  /** `arm`: AKS named it for this cluster. `list`: the published list. */
  source: 'arm' | 'list' | 'both'
  /** Date of the list's page, or the day of ARM's answer. */
  asOf: string
  open: Openness
}

/** The endpoints of a plan that sends nodes out by an appliance. */
export interface RequiredEndpoints {
  /** Date of the published list. */
  asOf: string
  cloud: Cloud
  coverage: {
    /** `asked`: ARM answered, and its answer is in. `unread`: it did not, `why` says so. `notAsked`. */
    arm: 'asked' | 'unread' | 'notAsked'
    why: string | null
    /** What no source covers, in words. */
    notCovered: string[]
  }
  endpoints: RequiredEndpoint[]
}

export const CLOUDS = ['public', 'usGovernment', 'china'] as const
/** Azure's clouds, each with endpoints of its own; `china` is operated by 21Vianet. */
export type Cloud = (typeof CLOUDS)[number]
