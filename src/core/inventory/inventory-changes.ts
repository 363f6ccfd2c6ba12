import type {
  InventoryChange,
  InventoryChangeKind,
  InventoryFacts,
  InventoryFlag,
} from '../../contract/inventory.ts'
import { listed, listedUpTo } from '../lib/text.ts'

/** The maximum number of addresses in one message. */
const MAX_NAMED = 10

/** A change before it has a time and a cause. */
export type UndatedChange = Omit<InventoryChange, 'at' | 'jobId'>

/**
 * The differences between two refreshes; null for a cluster that one of them does not show. Pure. A failed read is no
 * change: facts that depend on it are compared only between complete readings.
 */
export function inventoryChanges(
  before: InventoryFacts | null,
  after: InventoryFacts | null,
): UndatedChange[] {
  if (before === null && after === null) return []
  const change = (kind: InventoryChangeKind, message: string): UndatedChange => ({
    kind,
    message,
    before,
    after,
  })
  if (before === null) return [change('appeared', 'The inventory shows the cluster for the first time.')]
  if (after === null)
    return [
      change(
        'disappeared',
        'The inventory no longer contains the cluster: the cluster was deleted or moved, or this service can no longer read it.',
      ),
    ]
  const egress = egressMessage(before, after)
  return [
    ...(egress === null ? [] : [change('egressChanged', egress)]),
    ...flagChange(before, after, 'rangesUncovered', [
      change(
        'rangesUncovered',
        'The authorized IP ranges no longer cover an address that nodes use to reach the API server.',
      ),
      change('rangesCovered', 'The authorized IP ranges cover the egress again.'),
    ]),
    ...flagChange(before, after, 'pathDiffers', [
      change(
        'diverged',
        `The egress path \`${after.effective}\` no longer matches the declared type \`${after.declared.outboundType}\`.`,
      ),
      change(
        'converged',
        `The egress path matches the declared type \`${after.declared.outboundType}\` again.`,
      ),
    ]),
  ]
}

/**
 * The basis for the next comparison: the current facts or, if this reading does not show them, the last known facts. So
 * a change during an incomplete reading is reported once, by the next complete reading.
 */
export function nextBaseline(before: InventoryFacts | null, after: InventoryFacts): InventoryFacts {
  if (before === null) return after
  const isUnclear = isPartial(after)
  const remaining = (['rangesUncovered', 'pathDiffers'] as const).filter(
    (flag) => before.flags.includes(flag) && (isUnclear || isCoverageUnknown(after)),
  )
  const flags = [...new Set([...after.flags, ...remaining])]
  if (!isUnclear || isPartial(before)) return { ...after, flags }
  const { effective, addresses, isComplete } = before
  return { ...after, effective, addresses, isComplete, flags: flags.filter((flag) => flag !== 'incomplete') }
}

/** The sentence for a changed egress; null if it is the same, or one reading is incomplete and shows no more. */
function egressMessage(before: InventoryFacts, after: InventoryFacts): string | null {
  const parts = [
    ...(declaredKey(before) === declaredKey(after)
      ? []
      : [`the declared type changed from \`${declaredKey(before)}\` to \`${declaredKey(after)}\``]),
    ...(before.effective === after.effective || isPartial(before) || isPartial(after)
      ? []
      : [`the egress path changed from \`${before.effective}\` to \`${after.effective}\``]),
    ...(isPartial(before) || isPartial(after) ? [] : addressParts(before.addresses, after.addresses)),
  ]
  if (parts.length === 0) return null
  const sentence = listed(parts)
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`
}

function addressParts(before: string[], after: string[]): string[] {
  const lost = before.filter((address) => !after.includes(address))
  const added = after.filter((address) => !before.includes(address))
  return [
    ...(added.length === 0 ? [] : [`the egress now also uses ${listedUpTo(MAX_NAMED, added)}`]),
    ...(lost.length === 0 ? [] : [`it no longer uses ${listedUpTo(MAX_NAMED, lost)}`]),
  ]
}

function isPartial({ flags, isComplete }: InventoryFacts): boolean {
  return flags.includes('incomplete') || !isComplete
}

function declaredKey({ declared: { outboundType, natGatewaySku } }: InventoryFacts): string {
  return natGatewaySku === null ? outboundType : `${outboundType} ${natGatewaySku}`
}

function flagChange(
  before: InventoryFacts,
  after: InventoryFacts,
  flag: InventoryFlag,
  [began, ended]: [UndatedChange, UndatedChange],
): UndatedChange[] {
  const [was, is] = [before.flags.includes(flag), after.flags.includes(flag)]
  if (was === is) return []
  // A flag may be missing only because its facts are currently unknown.
  if (!is && (isPartial(after) || isCoverageUnknown(after))) return []
  return [is ? began : ended]
}

function isCoverageUnknown({ authorizedRanges: { mode, coversEgress } }: InventoryFacts): boolean {
  return mode === 'enforced' && coversEgress === null
}
