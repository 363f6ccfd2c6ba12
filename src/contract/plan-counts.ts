import { type Static, Type } from 'typebox'

/** Of plan summaries and jobs. */
export const PlanCountsSchema = Type.Object(
  {
    blockers: Type.Integer(),
    acknowledgements: Type.Integer({ description: 'The number of codes in `acknowledgementsRequired`.' }),
    warnings: Type.Integer(),
    addressesLost: Type.Integer({ description: 'Egress addresses that the cluster no longer uses.' }),
    addressesAdded: Type.Integer({
      description: 'New egress addresses, including those that do not exist yet.',
    }),
  },
  {
    $id: 'PlanCounts',
    description: 'The numbers of the plan. Absent in plans and jobs of earlier versions of the service.',
  },
)
export type PlanCounts = Static<typeof PlanCountsSchema>
