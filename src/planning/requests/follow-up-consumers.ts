import type { Consumer } from '../../contract/allow-lists.ts'
import type { Job } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import type { ConsumerRequest } from '../../contract/plan-request.ts'

/**
 * The consumers for a plan that follows a job: those of the job's plan, with the entries that their allow lists have if they
 * did what the reports of the job asked for.
 */
export function followUpConsumers(job: Job, plan: Plan): ConsumerRequest[] {
  const announced = announcedLater(job, plan)
  return plan.allowLists.consumers.map((consumer) => {
    const { name, contact, note, addresses } = consumer
    return {
      name,
      ...(contact === null ? {} : { contact }),
      ...(note === null ? {} : { note }),
      // A consumer without entries allows every address of the cluster.
      ...(addresses.length === 0 ? {} : { addresses: presentEntries(consumer, job, announced) }),
    }
  })
}

/** Only a successful job asks to remove entries. An address that was asked for may still be allowed, also if it is not used. */
function presentEntries(consumer: Consumer, { status }: Job, announced: string[]): string[] {
  const { addresses, drop, add, addLater } = consumer
  const kept = status === 'Succeeded' ? addresses.filter((entry) => !drop.includes(entry)) : addresses
  return [...new Set([...kept, ...add, ...(addLater > 0 ? announced : [])])]
}

/** The addresses that the job created or discovered, and that its plan could not name. */
function announcedLater({ preparedAddresses, result }: Job, { egressIps }: Plan): string[] {
  const known = egressIps.map(({ address }) => address)
  return [...preparedAddresses, ...(result?.egressIps ?? [])]
    .map(({ address }) => address)
    .filter((address) => !known.includes(address))
}
