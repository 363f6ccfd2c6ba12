import type { Finding } from '../core/plan.ts'
import { linkSources } from '../core/sources/link-sources.ts'
import { type Block, type Inline, paragraph } from './document/document.ts'

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
      paragraph(`How sure: ${CONFIDENCE[confidence]}. Source: `, ...linked(source)),
    ],
  }
}

/** The sources, each leading to its page where that is known. */
function linked(source: string): Inline[] {
  return linkSources(source).flatMap(({ text, url }, index): Inline[] => [
    ...(index === 0 ? [] : ['; ']),
    url === null ? text : { link: text, url },
  ])
}
