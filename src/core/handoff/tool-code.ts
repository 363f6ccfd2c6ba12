import type { HandoffTool } from '../../contract/plan.ts'
import type { Evidence } from '../references/references.ts'

/** What a builder says of one tool. */
export interface ToolCode {
  /** The end state of the cluster; null if the tool cannot express it. */
  code: string | null
  /** The resources that the plan prepares; null if there are none, or if the tool cannot express them. */
  prepared: string | null
  validFor: HandoffTool['validFor']
  /** Sentences; empty if there is nothing to warn of. */
  warnings: string[]
  evidence: Evidence
}

/** A fragment of several parts with a blank line between them; null if there is none. */
export function joinParts(parts: string[]): string | null {
  return parts.length === 0 ? null : `${parts.join('\n\n')}\n`
}
