import { entry, listed } from './entry.ts'

/** What the plan makes itself before the cut-over. Source: rulebook 3.4, 3.5 and 11 (TWO_STEP_CUTOVER). */
export const PREPARATION_FINDINGS = {
  PREPARE_NAME_TAKEN: entry<{ resources: { id: string; because: string }[] }>({
    severity: 'blocker',
    message: (f) =>
      `Under the name that the plan would give stands something else: ${listed(f.resources.map((each) => `${each.id.split('/').at(-1)} (${each.because})`))}.`,
    remedy: () => 'Name it otherwise, choose another resource group in prepare, or remove what stands there.',
    confidence: 'documented',
    source: 'Azure Resource Manager: a PUT replaces what has the same id',
  }),
  PREPARE_GATEWAY_UNREADABLE: entry<{ gateway: string }>({
    severity: 'blocker',
    message: (f) => `The NAT gateway ${f.gateway} does not exist, or this service may not read it.`,
    remedy: () =>
      'Name one that exists and that the identity of this service may read, or leave the id out to have one made.',
    confidence: 'documented',
    source: 'Azure Resource Manager: InvalidResourceReference',
  }),
  PREPARE_NOTHING_LEFT: entry({
    severity: 'info',
    message: () => 'Everything that was to be prepared is there already.',
    remedy: () => 'Nothing to do.',
    confidence: 'documented',
    source: 'this plan',
  }),
  CUTOVER_IS_PREPARATION: entry<{ resources: string[]; neighbours: string[] }>({
    severity: 'warning',
    message: (f) =>
      `Traffic moves before the cluster is touched: new connections take the new path as soon as ${listed(f.resources)} ${f.resources.length === 1 ? 'is' : 'are'} written.${f.neighbours.length === 0 ? '' : ` What else uses ${f.neighbours.length === 1 ? 'it' : 'them'} moves too: ${listed(f.neighbours)}.`}`,
    remedy: () =>
      'Have the new addresses in all allow-lists before that step; up to the change of the cluster, writing the former values back moves traffic back.',
    confidence: 'inferred',
    source: 'nat-overview (NOV); nat-gateway-design (NDES); AKS release notes 2022-05-08',
  }),
}
