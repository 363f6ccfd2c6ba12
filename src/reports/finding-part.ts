import type { Finding } from '../core/plan.ts'
import { type Block, paragraph } from './document/document.ts'

const CONFIDENCE = {
  documented: 'documented',
  observed: 'observed by users, not documented',
  inferred: 'inferred, neither documented nor observed',
}

/** A finding under its own heading: what it is, what to do about it, how sure it is. */
export function findingPart({ code, severity, message, remedy, confidence, source }: Finding): Block {
  return {
    kind: 'part',
    title: [{ mark: severity }, ' ', { code }],
    blocks: [
      paragraph(message),
      paragraph({ strong: 'What to do:' }, ` ${remedy}`),
      paragraph(`How sure: ${CONFIDENCE[confidence]}. Source: ${source}`),
    ],
  }
}
