import { Type } from 'typebox'
import { DAYS_OF_WEEK } from '../../core/job/schedule.ts'
import { nullable, ref, time, words } from './plain.ts'

const closed = { additionalProperties: false }

/** A weekly window in the words of AKS's own maintenance configurations. */
export const MaintenanceWindowSchema = Type.Object(
  {
    daysOfWeek: Type.Array(words(DAYS_OF_WEEK), { minItems: 1, maxItems: 7, uniqueItems: true }),
    startTime: Type.String({
      pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
      description: 'HH:MM, at utcOffset.',
    }),
    utcOffset: Type.String({
      pattern: '^[+-](0[0-9]|1[0-4]):[0-5][0-9]$',
      description: 'Such as +02:00. It does not follow daylight saving time.',
    }),
    durationHours: Type.Integer({ minimum: 1, maximum: 24 }),
  },
  { ...closed, $id: 'MaintenanceWindow' },
)

/** When a job may begin, as it is shown on the job. */
export const ScheduleSchema = Type.Object(
  {
    notBefore: nullable(time()),
    window: nullable(ref(MaintenanceWindowSchema)),
    giveUpAt: nullable(time()),
  },
  { $id: 'Schedule' },
)
