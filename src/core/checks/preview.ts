import { finding } from '../findings/catalogue.ts'
import type { Check } from './check.ts'

/** `block` is written on a preview API version only (rulebook BLOCK_PREVIEW, CANON_BLOCK_VERSION). */
export const preview: Check = ({ to, policy }) => {
  if (to !== 'block') return []
  const blocked = policy.previewApiVersion === null ? [finding('BLOCK_NEEDS_PREVIEW_API', {})] : []
  return [...blocked, finding('BLOCK_PREVIEW', {})]
}
