import type { Consumer } from '../../contract/allow-lists.ts'
import type { Job, JobResult } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import type { ConsumerRequest } from '../../contract/plan-request.ts'
import { sharesAddress } from '../../core/allow-lists/address-range.ts'

/**
 * The consumers of the job's plan, for a plan that follows the job. Their entries are those after the edits that the reports
 * of the job ask for. `read` contains the addresses that the job, or a later job, has read.
 */
export function followUpConsumers(job: Job, plan: Plan, read: JobResult | null): ConsumerRequest[] {
  const announced = announcedLater(job, plan, read)
  return plan.allowLists.consumers.map((consumer) => {
    const { name, contact, note, addresses } = consumer
    return {
      name,
      ...(contact === null ? {} : { contact }),
      ...(note === null ? {} : { note }),
      // A consumer without entries allows every address of the cluster.
      ...(addresses.length === 0 ? {} : { addresses: presentEntries(consumer, announced, read) }),
    }
  })
}

/**
 * Reports ask to remove an entry once the addresses were read and the cluster does not use it. An address that was asked
 * for may still be allowed, also if it is not used.
 */
function presentEntries(consumer: Consumer, announced: string[], read: JobResult | null): string[] {
  const { addresses, drop, add, addLater } = consumer
  const isRemoved = (entry: string) => drop.includes(entry) && read !== null && !isInUse(entry, read)
  const kept = addresses.filter((entry) => !isRemoved(entry))
  return [...new Set([...kept, ...add, ...(addLater > 0 ? announced : [])])]
}

function isInUse(entry: string, { egressIps }: JobResult): boolean {
  return egressIps.some(({ address }) => sharesAddress(address, entry))
}

/** The addresses that were created or discovered, and that the plan could not name. */
function announcedLater({ preparedAddresses }: Job, { egressIps }: Plan, read: JobResult | null): string[] {
  const known = egressIps.map(({ address }) => address)
  return [...preparedAddresses, ...(read?.egressIps ?? [])]
    .map(({ address }) => address)
    .filter((address) => !known.includes(address))
}
