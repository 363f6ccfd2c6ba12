import type { EffectivePath } from '../plan-egress.ts'
import { spokenLeaving, spokenPath } from '../spoken-paths.ts'
import { entry, listed } from './entry.ts'

/** Egress addresses and those who know them. Source: rulebook 1.4, 5 and 7. */
export const ADDRESS_FINDINGS = {
  EGRESS_IP_LOST: entry<{ addresses: string[] }>({
    severity: 'acknowledge',
    message: (f) =>
      `AKS releases ${listed(f.addresses)} for good: ${f.addresses.length === 1 ? 'it' : 'they'} cannot be claimed again and may be given to another customer.`,
    remedy: (f) =>
      `Take ${them(f.addresses)} out of every allow-list, yours and your partners', after the change.`,
    confidence: 'documented',
    source: 'AKS release notes 2023-07-30',
  }),
  EGRESS_IP_SOME_LOST: entry<{ addresses: string[]; released: number }>({
    severity: 'acknowledge',
    message: (f) =>
      `Of ${listed(f.addresses)} AKS releases ${f.released} for good, and chooses itself which.`,
    remedy: () =>
      'Read from the job which addresses are left, and take the others out of every allow-list. Name addresses of your own to choose yourself.',
    confidence: 'inferred',
    source: 'AKS release notes 2023-07-30',
  }),
  UNUSED_IP_RELEASED: entry<{ addresses: string[] }>({
    severity: 'warning',
    message: (f) =>
      `AKS releases ${listed(f.addresses)}, which the cluster holds without leaving by ${them(f.addresses)}; ${f.addresses.length === 1 ? 'it' : 'they'} may be given to another customer.`,
    remedy: (f) =>
      `Take ${them(f.addresses)} out of the authorized ranges and of allow-lists elsewhere after the change: whoever gets ${them(f.addresses)} would be let in.`,
    confidence: 'documented',
    source: 'AKS release notes 2023-07-30',
  }),
  EGRESS_IP_CHANGES: entry<{ lost: string[]; added: string[]; addedLater: number; unseen: boolean }>({
    severity: 'warning',
    message: (f) => {
      const come = f.added.length + f.addedLater
      const goes = f.lost.length === 0 ? 'none goes' : `${f.lost.length} go${f.lost.length === 1 ? 'es' : ''}`
      const comes = come === 0 ? 'none comes' : `${come} come${come === 1 ? 's' : ''}`
      const unseen =
        come === 0 ? 'which ones come cannot be seen' : `${comes}, and others that cannot be seen`
      return `The egress addresses change: ${goes}, ${f.unseen ? unseen : comes}.`
    },
    remedy: (f) => {
      const come = f.added.length + f.addedLater > 0 || f.unseen
      const when = f.addedLater > 0 || f.unseen ? 'as soon as they are known' : 'before the change'
      const add = `Add the new addresses to firewalls and allow-lists elsewhere ${when}`
      if (!come) return 'Remove the old addresses from firewalls and allow-lists elsewhere after the change.'
      return f.lost.length === 0 ? `${add}.` : `${add}, and remove the old ones after it.`
    },
    confidence: 'documented',
    source: 'EO',
  }),
  EGRESS_IP_UNKNOWN_BEFOREHAND: entry<{ count: number; knowableVariant: string }>({
    severity: 'warning',
    message: (f) =>
      `${f.count} new address${f.count === 1 ? ' is' : 'es are'} made by AKS during the change and cannot be known before.`,
    remedy: (f) => f.knowableVariant,
    confidence: 'documented',
    source: 'BLOG; EO',
  }),
  EGRESS_PATH_NOT_IN_ARM: entry<{ paths: EffectivePath[] }>({
    severity: 'warning',
    message: (f) =>
      `After the change traffic leaves by ${listed(f.paths.map(spokenPath))}; the public addresses of ${f.paths.length === 1 ? 'that' : 'those'} are not to be seen in ARM.`,
    remedy: () => 'Ask whoever runs it which public addresses it uses.',
    confidence: 'documented',
    source: 'EO; DOA2',
  }),
  EFFECTIVE_DIFFERS_FROM_DECLARED: entry<{
    declared: string
    effective: EffectivePath
    subnets: { subnet: string; effective: EffectivePath }[]
    meaning: string | null
  }>({
    severity: 'warning',
    message: (f) =>
      `The cluster declares ${f.declared}, but ${listed(f.subnets.map((each) => `packets of the subnet ${each.subnet} ${spokenLeaving(each.effective)}`))}.${f.meaning === null ? '' : ` ${f.meaning}`}`,
    remedy: () =>
      'Read the ledger of addresses, not the type: the change may move fewer or other addresses than the type suggests.',
    confidence: 'documented',
    source: 'nat-overview (NOV); AKS release notes 2022-05-01',
  }),
  IDLE_TIMEOUT_SHRINKS: entry<{ before: number; after: number; isOwnGateway: boolean }>({
    severity: 'warning',
    message: (f) =>
      `The idle time-out falls from ${f.before} to ${f.after} minutes: long idle TCP connections start to die.`,
    remedy: (f) =>
      `${f.isOwnGateway ? `Set the idle time-out of your NAT gateway to ${f.before} minutes` : `Ask for idleTimeoutInMinutes ${f.before}`}, or use TCP keep-alives shorter than ${f.after} minutes.`,
    confidence: 'documented',
    source: 'SDK; LB2; nat-gateway-resource (NRES)',
  }),
  SNAT_DROPS: entry<{ before: number; after: number; nodesAtPeak: number; suggestedIpCount: number | null }>({
    severity: 'warning',
    message: (f) =>
      `Each of ${f.nodesAtPeak} nodes at peak has ${f.after} source ports after the change, ${f.before} before it.`,
    remedy: (f) =>
      f.suggestedIpCount === null
        ? 'Make sure that the appliance has enough public addresses for all concurrent connections.'
        : `Ask for ${f.suggestedIpCount} address${f.suggestedIpCount === 1 ? '' : 'es'} to keep the present capacity.`,
    confidence: 'documented',
    source: 'LB2; LBO; NRES; NG',
  }),
  SEG_PRESENT: entry({
    severity: 'warning',
    message: () =>
      "The cluster has a static egress gateway. It is an addition to the outbound type: its prefixes stay only while its pool's subnet has neither a NAT gateway nor a default route to an appliance.",
    remedy: () => 'Put the gateway pool into a subnet of its own and test it after the change.',
    confidence: 'inferred',
    source: 'configure-static-egress-gateway (SEG); NOV',
  }),
}

function them(addresses: string[]): string {
  return addresses.length === 1 ? 'it' : 'them'
}
