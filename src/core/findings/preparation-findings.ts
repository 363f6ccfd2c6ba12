import { nameOf, resourceNameOf } from '../resource-id.ts'
import { entry, listed } from './entry.ts'

/** `gateway`, `vnet/nodes`: names of parts repeat from resource to resource. */
function partName(id: string): string {
  const [resource, name] = [resourceNameOf(id), nameOf(id)]
  return resource === name ? name : `${resource}/${name}`
}

/** Titles of steps as one reads them among other words. */
function quoted(titles: string[]): string {
  return listed(titles.map((title) => `"${title}"`))
}

/** What the plan makes itself before the cut-over. Source: rulebook 3.4, 3.5 and 11 (TWO_STEP_CUTOVER). */
export const PREPARATION_FINDINGS = {
  PREPARE_NAME_TAKEN: entry<{ resources: { id: string; because: string }[] }>({
    severity: 'blocker',
    message: (f) =>
      `Under the name that the plan would give stands something else: ${listed(f.resources.map((each) => `${each.id.split('/').at(-1)} (${each.because})`))}.`,
    remedy: (f) =>
      `Name it otherwise, choose another resource group in prepare, or remove what stands there.${f.resources.some((each) => /\/natGateways\//i.test(each.id)) ? ' A gateway that may be taken as it is can be named by its id (prepare.natGateway.id).' : ''}`,
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
  CLEAN_UP_NOTHING_LEFT: entry({
    severity: 'info',
    message: () => 'There is nothing left to clean up.',
    remedy: () => 'Nothing to do.',
    confidence: 'documented',
    source: 'this plan',
  }),
  CLEAN_UP_OTHER_TYPE: entry<{ expected: string; present: string; leftBehind: number }>({
    severity: 'blocker',
    milder: (f) => (f.leftBehind > 0 ? 'warning' : null),
    message: (f) =>
      f.leftBehind > 0
        ? `This clean-up is for the outbound type ${f.expected}, and the cluster has ${f.present}: it takes away only what the job itself had made and nobody uses any more.`
        : `This clean-up is for the outbound type ${f.expected}, and the cluster has ${f.present}: what it would take away may be in use.`,
    remedy: (f) =>
      `${f.leftBehind > 0 ? 'For the rest make' : 'Make'} the clean-up plan of the job that brought the cluster to its present type. If it was this job, which did not come to its end, finish the change or make its rollback plan first.`,
    confidence: 'documented',
    source: 'this plan',
  }),
  CLEAN_UP_STILL_IN_USE: entry<{ resources: { id: string; by: string[] }[] }>({
    severity: 'warning',
    message: (f) =>
      `What the job had made is still in use and stays: ${listed(f.resources.map(({ id, by }) => `${nameOf(id)} (by ${listed(by.map(partName))})`))}.`,
    remedy: () =>
      'Take it off what uses it and make the clean-up plan again, or leave it where it is: nothing is deleted by itself.',
    confidence: 'documented',
    source: 'Azure Resource Manager: PublicIPAddressCannotBeDeleted and its like',
  }),
  CLEAN_UP_ROUTE_KEPT: entry<{ routeTable: string; route: string; others: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The default route ${f.route} of the route table ${nameOf(f.routeTable)} goes on carrying the traffic: kubenet cannot do without the table, and ${listed(f.others.map(partName))} use${f.others.length === 1 ? 's' : ''} it too.`,
    remedy: () =>
      'Delete the route by hand once nobody else leaves by it, or give the others a table of their own.',
    confidence: 'documented',
    source: 'configure-kubenet (KN); CustomRouteTableInvalidUpdateAttempt (RPERR)',
  }),
  CLEAN_UP_OWN_ROUTE_KEPT: entry<{ routeTable: string; route: string; because: string }>({
    severity: 'warning',
    message: (f) =>
      `The default route ${f.route} of the route table ${nameOf(f.routeTable)}, which the job had written, stays: ${f.because}.`,
    remedy: () =>
      'See to it by hand, or mend the reason and make the clean-up plan again. The authorized ranges are not narrowed as long as the route is there.',
    confidence: 'documented',
    source: 'this plan',
  }),
  NARROWING_CUTS_OFF: entry<{ ranges: string[]; addresses: string[] }>({
    severity: 'blocker',
    message: (f) =>
      f.addresses.length === 0
        ? `Without ${listed(f.ranges)} the list of authorized ranges would be empty, which admits everybody.`
        : `Without ${listed(f.ranges)} the API server would not admit ${listed(f.addresses)}, by which nodes reach it.`,
    remedy: () => 'Keep the entry, or list what nodes use before it goes.',
    confidence: 'documented',
    source: 'api-server-authorized-ip-ranges (AR)',
  }),
  CLEAN_UP_MOVES_TRAFFIC: entry<{ steps: string[] }>({
    severity: 'warning',
    // After a change that did not come the path that goes is not the former one but the one the job attached.
    message: (f) =>
      `Traffic leaves by what this clean-up takes off; it moves in the step${f.steps.length === 1 ? '' : 's'} ${quoted(f.steps)}.`,
    remedy: () => 'Read the ledger: the addresses change at that moment, whatever the outbound type says.',
    confidence: 'documented',
    source: 'nat-overview (NOV)',
  }),
  CUTOVER_IS_PREPARATION: entry<{ steps: string[]; neighbours: string[]; madeHere: number }>({
    severity: 'warning',
    message: (f) =>
      `Traffic moves before the cluster is touched: new connections take the new path from the step${f.steps.length === 1 ? '' : 's'} ${quoted(f.steps)} on.${f.neighbours.length === 0 ? '' : ` Others who use the same route table move too: ${listed(f.neighbours)}.`}`,
    remedy: (f) =>
      `Have the new addresses in all allow-lists before that step${f.madeHere === 0 ? '' : '. Where others have to be told first, order the job with holdBeforeCutOver: it makes the addresses, stops before that step, and goes on when it is released'}. Up to the change of the cluster, writing the former values back moves traffic back.`,
    confidence: 'inferred',
    source: 'nat-overview (NOV); nat-gateway-design (NDES); AKS release notes 2022-05-08',
  }),
}
