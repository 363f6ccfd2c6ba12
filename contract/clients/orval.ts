import { createJob, createPlan, getJob } from '../.generated/orval/planner.js'
import { CLUSTER, say, TARGET } from './order.js'

const planned = await createPlan({ cluster: CLUSTER, target: TARGET })
if (planned.status !== 201) throw new Error(`${planned.data.code}: ${planned.data.remedy}`)
const { id: planId, acknowledgementsRequired: acknowledge } = planned.data
const accepted = await createJob({ planId, acknowledge })
if (accepted.status !== 202) throw new Error(`${accepted.data.code}: ${accepted.data.remedy}`)
let job = accepted.data
while (job.status === 'NotStarted' || job.status === 'Running') {
  const polled = await getJob(job.id, { headers: { Prefer: 'wait=10' } })
  if (polled.status !== 200) throw new Error(`answered ${polled.status}`)
  // Only reports, which the header Accept selects, are text.
  if (typeof polled.data === 'string') throw new Error('answered a report')
  job = polled.data
}
say(job.status, job.result?.egressIps)
