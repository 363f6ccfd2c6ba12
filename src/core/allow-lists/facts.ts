import type { AllowListType } from './types.ts'

/** What a rule does with a client that it names; `other` are rules that only log, count or challenge. */
export const RULE_EFFECTS = ['allow', 'deny', 'other'] as const
export type RuleEffect = (typeof RULE_EFFECTS)[number]

/** Addresses as a list names them: one address or CIDR, or a first and a last address, both included. */
export type AddressBlock = { cidr: string } | { first: string; last: string }

/** One entry of one list, normalised. Service tags, names and wildcards are no entries: they name no address. */
export interface AllowListEntry {
  /** JSON pointer into the body that ARM shows of the resource, or of the child resource that it starts with. */
  place: string
  /** Where the list has no names, null. */
  rule: string | null
  /** As it stands in the list. */
  text: string
  block: AddressBlock
  effect: RuleEffect
  /** False where the resource does not apply its list at present, such as a firewall that is off. */
  inForce: boolean
}

/** The lists of one resource. Resources without entries are only counted. */
export interface AllowListResource {
  id: string
  type: AllowListType
  entries: AllowListEntry[]
}

export const UNREAD_REASONS = ['denied', 'not-found', 'failed', 'beyond-limit', 'not-searched'] as const
export type AllowListUnreadReason = (typeof UNREAD_REASONS)[number]

/** Where an address may stand and nobody has looked. */
export interface AllowListUnread {
  /** The type whose lists were not read. */
  type: AllowListType
  /** The resource, the kind of list or the type. */
  what: string
  reason: AllowListUnreadReason
  /** ARM's own, or the service's where ARM was not asked. */
  code: string
  message: string
}

/** Everything that was read of the lists which the service's identity may see, whoever's addresses they hold. */
export interface AllowListFacts {
  resources: AllowListResource[]
  /** How many resources of each type were found, zeros too; empty where Resource Graph could not be asked. */
  searched: { type: AllowListType; resources: number }[]
  unread: AllowListUnread[]
}
