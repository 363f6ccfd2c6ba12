import type { AllowListUnread, RuleEffect } from './facts.ts'

/**
 * Who elsewhere still knows addresses that the cluster loses. Wherever addresses stand, a prefix of the
 * cluster's stands as its CIDR.
 */
export interface AllowListsPlan {
  coverage: AllowListCoverage
  impacts: AllowListImpact[]
  consumers: Consumer[]
}

/**
 * What was searched. `complete` speaks of what the service's identity may see: Resource Graph leaves out what
 * it may not read without a word.
 */
export interface AllowListCoverage {
  complete: boolean
  searched: { type: string; resources: number }[]
  unread: AllowListUnread[]
}

/** One entry of one rule that names an address of ours which goes. */
export interface AllowListImpact {
  resourceId: string
  type: string
  /** JSON pointer into the resource's body, or into the child resource whose path it starts with. */
  place: string
  rule: string | null
  entry: string
  effect: RuleEffect
  /** False where the resource does not apply its list at present. */
  inForce: boolean
  /** Those of our addresses that the entry names, wholly or in part. */
  covers: LostAddress[]
  /** New addresses that no entry of this list names yet. Empty for a rule that denies, and where nothing leaves by what it names. */
  add: string[]
  /** New addresses that are not known yet; the ledger says when each is. */
  addLater: number
  /** The entry, where nobody but the cluster can be behind it; an entry that names others too is left to its owner. */
  removeLater: string[]
}

export interface LostAddress {
  address: string
  /** `unknown`: AKS chooses whether it stays. */
  change: 'lost' | 'unknown'
}

/** Someone outside Azure who has allow-listed the cluster, as the request named them. */
export interface Consumer {
  name: string
  contact: string | null
  note: string | null
  /** What they have allow-listed, as the request said it; empty where it did not. */
  addresses: string[]
  /** Of these, or of ours where they named none: what they have to drop after the change. */
  drop: string[]
  add: string[]
  addLater: number
}
