import { type Static, Type } from 'typebox'
import { dateTime, enumOf, nullable, ref, string } from './fields.ts'

export const DAYS_OF_WEEK = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const
export type DayOfWeek = (typeof DAYS_OF_WEEK)[number]

/** How often a planned maintenance window opens; `timeInWeek` is the older form with hours of the week in UTC. */
export const RECURRENCES = ['daily', 'weekly', 'absoluteMonthly', 'relativeMonthly', 'timeInWeek'] as const
export const WEEK_INDEXES = ['First', 'Second', 'Third', 'Fourth', 'Last'] as const

/** A maintenance configuration of a cluster (`managedClusters/maintenanceConfigurations`). */
export const MaintenanceConfigurationSchema = Type.Object(
  {
    name: string('`default`, `aksManagedAutoUpgradeSchedule`, or `aksManagedNodeOSUpgradeSchedule`.'),
    summary: string('When the window opens, as text.'),
    recurrence: nullable(enumOf(RECURRENCES), {
      description: 'Null if the configuration allows no time, or if this service does not know its format.',
    }),
    interval: Type.Integer({ description: 'The number of days, weeks or months between two openings.' }),
    daysOfWeek: Type.Array(enumOf(DAYS_OF_WEEK)),
    weekIndex: nullable(enumOf(WEEK_INDEXES)),
    dayOfMonth: nullable(Type.Integer()),
    hourSlots: Type.Array(Type.Object({ day: enumOf(DAYS_OF_WEEK), hours: Type.Array(Type.Integer()) }), {
      description: 'The hours of `timeInWeek`, in UTC.',
    }),
    startDate: nullable(Type.String(), { description: 'The first date of the window, at `utcOffset`.' }),
    startTime: nullable(Type.String()),
    utcOffset: string(),
    durationHours: nullable(Type.Integer()),
    notAllowed: Type.Array(Type.Object({ start: dateTime(), end: dateTime() }), {
      description: 'Periods without maintenance.',
    }),
  },
  { $id: 'MaintenanceConfiguration' },
)
export type MaintenanceConfiguration = Static<typeof MaintenanceConfigurationSchema>

/** The planned maintenance of a cluster, and which configuration applies to the jobs of this service. */
export const PlannedMaintenanceSchema = Type.Object(
  {
    configurations: Type.Array(ref(MaintenanceConfigurationSchema)),
    applies: nullable(Type.String(), {
      description: 'The name of the configuration that `"window": "cluster"` of a job uses. Null if none.',
    }),
    nextOpensAt: nullable(dateTime(), {
      description:
        'The next time at which this configuration allows a start. Inside an open window, this is the time of the read. Null if unknown.',
    }),
    because: string('Why this configuration applies, or why none does.'),
  },
  { $id: 'PlannedMaintenance' },
)
export type PlannedMaintenance = Static<typeof PlannedMaintenanceSchema>
