import { type Static, Type } from 'typebox'
import { enumOf, nullable, ref, string, strings } from './fields.ts'

/** What Azure bills for egress resources. `Hour` is per resource and hour, `Gigabyte` per GB of processed data. */
export const COST_METERS = [
  'natGatewayHour',
  'natGatewayGigabyte',
  'loadBalancerHour',
  'loadBalancerRuleHour',
  'loadBalancerGigabyte',
  'publicIpHour',
  'publicIpPrefixAddressHour',
  'firewallHour',
  'firewallGigabyte',
  'firewallPremiumHour',
  'firewallPremiumGigabyte',
  'firewallBasicHour',
  'firewallBasicGigabyte',
  'peeringEgressGigabyte',
  'peeringIngressGigabyte',
] as const
export type CostMeter = (typeof COST_METERS)[number]

const CostLineSchema = Type.Object({
  meter: enumOf(COST_METERS, {
    description:
      '`loadBalancerHour` includes 5 rules; `loadBalancerRuleHour` counts each further rule. `firewallHour` and `firewallGigabyte` are those of the tier Standard. `firewallHour` covers the deployment without capacity units.',
  }),
  item: string('The resources that the line is about.'),
  quantity: nullable(Type.Number(), {
    description: 'Hours or GB of one month. Null if it is unknown.',
  }),
  unitPrice: nullable(Type.Number(), { description: 'The list price. Null if it is unknown.' }),
  priceAsOf: nullable(Type.String({ format: 'date' }), {
    description: 'The day on which the price was read.',
  }),
  monthly: nullable(Type.Number(), { description: 'Null if the quantity or the price is unknown.' }),
  // Absent in plans of earlier versions.
  resources: Type.Optional(
    Type.Array(Type.Object({ id: string('The ARM ID.'), monthly: Type.Number() }), {
      description:
        'The existing resources in the line and their part of `monthly`. Other clusters may use them too. Absent if there are none, or without a price.',
    }),
  ),
})
export type CostLine = Static<typeof CostLineSchema>

const CostSideSchema = Type.Object({
  monthly: nullable(Type.Number(), {
    description: 'The sum of all lines. Null if a part is unknown; then `knownMonthly` is a lower limit.',
  }),
  knownMonthly: Type.Number({ description: 'The sum of the known lines.' }),
  lines: Type.Array(CostLineSchema),
  unknown: strings('What is unknown, in sentences. Empty if `monthly` is complete.'),
})
export type CostSide = Static<typeof CostSideSchema>

/** An estimate from list prices. It always states the dates of its prices and its assumptions. */
export const CostSchema = Type.Object(
  {
    currency: string('The currency of all amounts, as in ISO 4217.'),
    region: string(),
    priceSource: string('Where the prices come from.'),
    pricesAsOf: nullable(Type.String({ format: 'date' }), {
      description: 'The oldest day of the prices used. Null if no price is known.',
    }),
    gigabytesPerMonth: nullable(Type.Number(), {
      description:
        'The processed data of one month, extrapolated from Azure Monitor. Null if it is unknown, for example because other clusters also use the resource.',
    }),
    // Absent in plans of earlier versions.
    measuredHours: Type.Optional(
      nullable(Type.Number(), {
        description:
          'The hours of Azure Monitor data from which the data of a month is extrapolated. If resources have different hours, this is the lowest number. Null without data.',
      }),
    ),
    before: CostSideSchema,
    after: CostSideSchema,
    difference: nullable(Type.Number(), {
      description: '`after` minus `before`. Null if a part of the difference is unknown.',
    }),
    assumptions: strings(),
  },
  {
    $id: 'Cost',
    description: 'The monthly list price of the egress resources, before and after the change.',
  },
)
export type Cost = Static<typeof CostSchema>

/** An optional member that plans and comparisons of earlier versions lack. */
export const OptionalCost = Type.Optional(ref(CostSchema))
