import { cancel, execute, followJob, release, rollBack } from './job-tools.ts'
import { compareAllTargets, explainFinding, findClusters, plan, readEgress, readPlan } from './read-tools.ts'
import type { Tool } from './tool.ts'

/** Every tool, in the order of use. An approval is a decision of a second person, so no tool approves. */
export const ALL_TOOLS: readonly Tool[] = [
  findClusters,
  readEgress,
  compareAllTargets,
  plan,
  readPlan,
  explainFinding,
  execute,
  followJob,
  release,
  cancel,
  rollBack,
]
