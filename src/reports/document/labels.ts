import type { AddressAdvice, EffectivePath, EgressIpChange } from '../../contract/egress.ts'
import type { Confidence, Severity } from '../../contract/finding.ts'
import type { HandoffTool } from '../../contract/handoff.ts'
import type { ChangeAction } from '../../contract/plan.ts'
import type { CheckResult, LockCheck, PolicyVerdict } from '../../contract/preflight.ts'
import type { Openness, RouteDestination } from '../../contract/routing.ts'
import type { RequestedWindow } from '../../contract/schedule.ts'
import type { ZoneSide } from '../../contract/zone-resilience.ts'

/** The label tables of the reports: each maps values of the contract, or verdicts, to the words that readers see. */

/** How urgent a mark is. The page gives each tone a color, which only repeats the word. */
export const TONES = ['stop', 'accept', 'warn', 'note', 'good', 'plain'] as const
type Tone = (typeof TONES)[number]

interface Mark {
  /** One character, different for every mark of a group, also in gray and in plain text. */
  shape: string
  word: string
  tone: Tone
}

type VerdictMark = 'ready' | 'acknowledgeFirst' | 'blocked' | 'noChange' | 'closed'
type PathMark = 'pathNew' | 'pathReplaced' | 'pathRemoved' | 'pathKept'
type EndpointMark = 'endpointAllowed' | 'endpointBlocked' | 'notConfirmed'
export type MarkName =
  | Severity
  | EgressIpChange['change']
  | VerdictMark
  | PathMark
  | EndpointMark
  | CheckResult
  | 'simulated'
  | 'cutover'

export const MARKS: Record<MarkName, Mark> = {
  blocker: { shape: '■', word: 'Blocker', tone: 'stop' },
  acknowledge: { shape: '◆', word: 'Requires acknowledgement', tone: 'accept' },
  warning: { shape: '▲', word: 'Warning', tone: 'warn' },
  info: { shape: '●', word: 'Info', tone: 'note' },
  kept: { shape: '=', word: 'kept', tone: 'good' },
  added: { shape: '+', word: 'added', tone: 'note' },
  lost: { shape: '−', word: 'removed', tone: 'stop' },
  unknown: { shape: '?', word: 'unknown', tone: 'accept' },
  ready: { shape: '✓', word: 'Ready', tone: 'good' },
  acknowledgeFirst: { shape: '◆', word: 'Ready', tone: 'accept' },
  blocked: { shape: '■', word: 'Blocked', tone: 'stop' },
  noChange: { shape: '=', word: 'No change required', tone: 'good' },
  closed: { shape: '×', word: 'No longer executable', tone: 'plain' },
  pathNew: { shape: '+', word: 'new path', tone: 'note' },
  pathReplaced: { shape: '−', word: 'replaced', tone: 'stop' },
  pathRemoved: { shape: '−', word: 'removed by the change', tone: 'stop' },
  pathKept: { shape: '=', word: 'same path', tone: 'good' },
  endpointAllowed: { shape: '✓', word: 'allowed', tone: 'good' },
  endpointBlocked: { shape: '■', word: 'blocked', tone: 'stop' },
  notConfirmed: { shape: '?', word: 'not confirmed', tone: 'accept' },
  allowed: { shape: '✓', word: 'granted', tone: 'good' },
  missing: { shape: '■', word: 'missing', tone: 'stop' },
  notChecked: { shape: '○', word: 'not checked', tone: 'accept' },
  simulated: { shape: '○', word: 'Simulated Azure', tone: 'warn' },
  cutover: { shape: '▶', word: 'Cutover', tone: 'accept' },
}

export const CONFIDENCE_LABELS: Record<Confidence, string> = {
  documented: 'documented',
  observed: 'observed by users, not documented',
  inferred: 'inferred, neither documented nor observed',
}

/** What to do with an address in a firewall. */
export const ADVICE_LABELS: Record<AddressAdvice, string> = {
  keep: 'keep',
  allowBefore: 'allow before the cutover',
  allowWhenKnown: 'allow each address as soon as the job reports it',
  allowNow: 'allow now',
  removeAfter: 'remove after the change',
  removeNow: 'remove now',
  checkAfter: 'check after the change whether it is in use',
}

/** When an address is known. */
export const KNOWN_LABELS: Record<EgressIpChange['knownAt'], string> = {
  plan: 'now',
  prepare: 'after the preparation, before the cutover',
  apply: 'only after the change',
}

export const ACTION_LABELS: Record<ChangeAction, string> = {
  create: '+ create',
  update: '± update',
  delete: '− delete',
  attach: '+ attach',
  detach: '− detach',
  retain: '= retain',
}

export const LOCK_LABELS: Record<LockCheck['effect'], string> = {
  blocks: 'blocks the change',
  mayBlock: 'may block the change',
  none: 'no effect',
}

export const POLICY_LABELS: Record<PolicyVerdict, string> = {
  denies: 'denies the public IPs',
  notDecided: 'may deny the public IPs',
}

export const OPENNESS_MARKS: Record<Openness, MarkName> = {
  open: 'endpointAllowed',
  notProven: 'notConfirmed',
  notChecked: 'notChecked',
  blocked: 'endpointBlocked',
}

/** The next hop of the routes for the internet. */
export const NEXT_HOP_LABELS: Record<RouteDestination, string> = {
  azureFirewall: 'Azure Firewall',
  virtualAppliance: 'virtual appliance',
  virtualNetworkGateway: 'virtual network gateway',
  internet: 'internet',
  virtualNetwork: 'virtual network',
  nowhere: 'none: packets are dropped',
  several: 'several: parts of the IPv4 address space have different next hops',
  noRoute: 'Azure default routing',
  unknown: 'unknown: the route table could not be read',
}

/** The infrastructure-as-code tools. */
export const TOOL_LABELS: Record<HandoffTool['tool'], string> = {
  azureCli: 'Azure CLI',
  arm: 'ARM',
  bicep: 'Bicep',
  terraform: 'Terraform, azurerm',
  terraformAzapi: 'Terraform, azapi',
  pulumi: 'Pulumi azure-native',
}

/** How many zones the egress depends on. */
export const ZONE_LABELS: Record<ZoneSide['kind'], string> = {
  zonal: 'one zone',
  zoneRedundant: 'zone-redundant',
  noEgress: 'no internet egress',
  unknown: 'unknown',
}

/** What carries the traffic, as the title of a box in the diagram. */
export const CARRIER_LABELS: Record<EffectivePath, string> = {
  virtualAppliance: 'Virtual appliance',
  virtualNetworkGateway: 'Virtual network gateway',
  natGateway: 'NAT gateway',
  instancePublicIp: 'Node public IPs',
  loadBalancer: 'Load balancer',
  defaultOutbound: 'Azure default outbound access',
  none: '✕ No egress path',
  mixed: 'Several paths',
  unknown: '? Unknown path',
}

/** A weekly window as text. */
export function windowText(window: RequestedWindow): string {
  const { daysOfWeek, startTime, durationHours, timeZone, utcOffset } = window
  return `${daysOfWeek.join(', ')} from ${startTime} for ${durationHours} h, ${timeZone ?? `UTC${utcOffset ?? '+00:00'}`}`
}
