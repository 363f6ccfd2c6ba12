/**
 * What was read around the cluster for a plan, and not again for a freshness check: nothing of it decides
 * whether a plan still holds, and all of it together is far more than the cluster's own network.
 */
// biome-ignore lint/suspicious/noEmptyInterface: each subject that is looked at adds its facts.
export interface Surroundings {}
