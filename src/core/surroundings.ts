import type { AllowListFacts } from './allow-lists/facts.ts'

/**
 * What was read around the cluster for a plan, and not again for a freshness check: nothing of it decides
 * whether a plan still holds, and all of it together is far more than the cluster's own network.
 */
export interface Surroundings {
  /** Whom Azure resources admit or turn away by address. */
  allowLists: AllowListFacts
}
