interface Operation {
  operationId?: string
  responses: Record<string, { links?: Record<string, object> }>
}

const PLAN = { planId: '$response.body#/id' }
const JOB = { jobId: '$response.body#/id' }
const OF_JOB = {
  pollJob: { operationId: 'getJob', parameters: JOB, description: 'How the job stands.' },
  followJob: {
    operationId: 'listJobEvents',
    parameters: JOB,
    description: 'What the job has done, as it happens.',
  },
  cancelJob: { operationId: 'cancelJob', parameters: JOB, description: 'Stop before the next step.' },
  releaseJob: {
    operationId: 'releaseJob',
    parameters: JOB,
    description: 'Let a job go on that was ordered with `holdBeforeCutOver`.',
  },
  planBack: {
    operationId: 'createRollbackPlan',
    parameters: JOB,
    description: 'The way back, once the job has ended; `actions.rollbackPlan` says whether there is one.',
  },
}
const OF_PLAN = {
  readPlan: {
    operationId: 'getPlan',
    parameters: PLAN,
    description: 'The plan again, also as Markdown or HTML.',
  },
  readIpChanges: { operationId: 'getIpChanges', parameters: PLAN, description: 'What to tell firewalls.' },
  approvePlan: { operationId: 'approvePlan', parameters: PLAN, description: 'A second person agrees.' },
  executePlan: {
    operationId: 'createJob',
    requestBody: { planId: '$response.body#/id', acknowledge: [] },
    description:
      'Carry the plan out; name in `acknowledge` what `acknowledgementsRequired` of the plan lists.',
  },
}

const WEBHOOK = { webhookId: '$response.body#/id' }
const OF_WEBHOOK = {
  readWebhook: { operationId: 'getWebhook', parameters: WEBHOOK, description: 'Whether it is enabled.' },
  pingWebhook: {
    operationId: 'pingWebhook',
    parameters: WEBHOOK,
    description: 'See whether messages arrive.',
  },
  readDeliveries: {
    operationId: 'listDeliveries',
    parameters: WEBHOOK,
    description: 'What was sent, and what came of it.',
  },
}
const OF_DELIVERY = {
  readDelivery: {
    operationId: 'getDelivery',
    parameters: { webhookId: '$response.body#/webhookId', deliveryId: '$response.body#/id' },
    description: 'Whether the message has arrived.',
  },
}

/** Where an answer leads: from a plan to its job, and from a job to what can be done with it. */
const LINKS: Record<string, Record<string, object>> = {
  'createPlan 201': OF_PLAN,
  'createRollbackPlan 201': OF_PLAN,
  'createCleanUpPlan 201': OF_PLAN,
  'createJob 202': OF_JOB,
  'createWebhook 201': OF_WEBHOOK,
  'pingWebhook 202': OF_DELIVERY,
}

/** Puts the links of the contract into the finished document; throws where they name what it does not have. */
export function withLinks<T extends { paths: Record<string, Record<string, Operation>> }>(document: T): T {
  const operations = Object.values(document.paths).flatMap((each) => Object.values(each))
  const byId = new Map(operations.map((each) => [each.operationId ?? '', each]))
  for (const [place, links] of Object.entries(LINKS)) {
    const [operationId = '', status = ''] = place.split(' ')
    const response = byId.get(operationId)?.responses[status]
    if (response === undefined) throw new Error(`no answer ${place} to link from`)
    for (const link of Object.values(links) as { operationId: string }[])
      if (!byId.has(link.operationId))
        throw new Error(`${place} links to ${link.operationId}, which is no operation`)
    response.links = links
  }
  return document
}
