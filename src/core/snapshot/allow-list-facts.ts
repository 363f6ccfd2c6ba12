import type { AllowListType, AllowListUnread, RuleEffect } from '../../contract/allow-lists.ts'

/** Addresses as a list names them: one address or CIDR, or a first and a last address, both included. */
export type AddressBlock = { cidr: string } | { first: string; last: string }

/** One normalized entry of one list. Service tags, names and wildcards are no entries, because they name no address. */
export interface AllowListEntry {
  /** JSON pointer into the body that ARM shows of the resource, or of the child resource that it starts with. */
  place: string
  /** Where the list has no names, null. */
  rule: string | null
  /** As it is written in the list. */
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
  /** The region; null where Resource Graph shows none. */
  location: string | null
  entries: AllowListEntry[]
}

/** All lists that the service's identity may read, with the addresses of any owner. */
export interface AllowListFacts {
  resources: AllowListResource[]
  /** How many resources of each type were found, zeros too; empty where Resource Graph could not be asked. */
  searched: { type: AllowListType; resources: number }[]
  unread: AllowListUnread[]
}
