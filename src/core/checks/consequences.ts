import { finding } from '../findings/catalogue.ts'
import type { Check } from './check.ts'

/** What every change of the type brings with it (rulebook DOWNTIME, NODE_REIMAGE_REQUIRED). */
export const consequences: Check = ({ from, to, transition, request }) => {
  if (from === to || transition === null || transition.support === 'unsupported') return []
  return [
    finding('DOWNTIME', {}),
    finding('NODE_IMAGE_UPGRADE_NEEDED', { isPlanned: request.upgradeNodeImages === true }),
  ]
}
