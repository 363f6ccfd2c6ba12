import { client } from '../.generated/hey-api/client.gen.js'
import { createJob, createPlan, getJob } from '../.generated/hey-api/sdk.gen.js'
import { BASE_URL, CLUSTER, say, TARGET } from './order.js'

client.setConfig({ baseUrl: BASE_URL })
const { data: plan, error } = await createPlan({ body: { cluster: CLUSTER, target: TARGET } })
if (plan === undefined) throw new Error(`${error.code}: ${error.remedy}`)
let { data: job } = await createJob({ body: { planId: plan.id, acknowledge: plan.acknowledgementsRequired } })
while (job !== undefined && (job.status === 'NotStarted' || job.status === 'Running'))
  job = (await getJob({ path: { jobId: job.id }, headers: { Prefer: 'wait=10' } })).data
say(job?.status, job?.result?.egressIps)
