import { type Static, Type } from 'typebox'
import { closed, dateTime, enumOf, nullable, ref, requestDateTime } from './fields.ts'
import { DAYS_OF_WEEK, MaintenanceConfigurationSchema } from './maintenance.ts'
import { ReasonSchema } from './plan-request.ts'

const UTC_OFFSET = '^[+-](0[0-9]|1[0-4]):[0-5][0-9]$'

/** Members that a window has in requests and in responses. */
const WINDOW = {
  daysOfWeek: Type.Array(enumOf(DAYS_OF_WEEK), { minItems: 1, maxItems: 7, uniqueItems: true }),
  startTime: Type.String({
    pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
    description: 'The start time as HH:MM, in `timeZone` or at `utcOffset`.',
  }),
  durationHours: Type.Integer({ minimum: 1, maximum: 24 }),
}

const TIME_ZONE_NOTE =
  'If the clocks skip the start time, the window opens later by the skipped minutes; if the start time occurs twice, the window opens at the first one.'

/** A weekly window, with the fields of AKS maintenance configurations. */
export const MaintenanceWindowSchema = Type.Object(
  {
    ...WINDOW,
    utcOffset: Type.String({
      pattern: UTC_OFFSET,
      description:
        'The UTC offset, such as +02:00. With `timeZone`, it is the offset at the next opening when the schedule was set.',
    }),
    timeZone: Type.Optional(
      Type.String({
        description: `The IANA time zone of the window, which follows daylight saving time. ${TIME_ZONE_NOTE} Absent if the window has a fixed offset.`,
      }),
    ),
  },
  { ...closed, $id: 'MaintenanceWindow' },
)
export type MaintenanceWindow = Static<typeof MaintenanceWindowSchema>

/** A window in a request: in a time zone, or at a fixed offset. */
export const RequestedWindowSchema = Type.Object(
  {
    ...WINDOW,
    utcOffset: Type.Optional(
      Type.String({
        pattern: UTC_OFFSET,
        description: 'The UTC offset, such as +02:00. It does not follow daylight saving time.',
      }),
    ),
    timeZone: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$',
        description: `An IANA time zone, such as Europe/Berlin, instead of \`utcOffset\`. It follows daylight saving time. ${TIME_ZONE_NOTE}`,
      }),
    ),
  },
  { ...closed, description: 'A weekly window, in a time zone or at a fixed UTC offset.' },
)
export type RequestedWindow = Static<typeof RequestedWindowSchema>

/** The window of the cluster itself, in a request. */
export const CLUSTER_WINDOW = 'cluster'

/** When a job may start. A job that has written something runs to its end: half a change is worse than a late change. */
export const ScheduleSchema = Type.Object(
  {
    notBefore: nullable(dateTime()),
    window: nullable(ref(MaintenanceWindowSchema)),
    // A job that has not started by then ends without changes. Null: no limit.
    giveUpAt: nullable(dateTime()),
    clusterWindow: Type.Optional(
      nullable(ref(MaintenanceConfigurationSchema), {
        description:
          'The planned maintenance window of the cluster that the job waits for, as read when the schedule was set. Null or absent if the request did not name `cluster` as its window.',
      }),
    ),
  },
  { $id: 'Schedule' },
)
export type Schedule = Static<typeof ScheduleSchema>

// Not a reference: the validator reports errors inside of a choice only where the shapes are part of it.
const windowOrCluster = [RequestedWindowSchema, enumOf([CLUSTER_WINDOW])] as const

const NOT_BEFORE =
  'An RFC 3339 time. The job does not start earlier, and re-checks the cluster when it starts.'
const WINDOW_NOTE =
  'A weekly window, or `cluster` for the planned maintenance window of the cluster: the first of `aksManagedAutoUpgradeSchedule`, `aksManagedNodeOSUpgradeSchedule` and `default` that exists. The service reads the window when it accepts the request.'
const GIVE_UP = 'An RFC 3339 time. A job that cannot start by then ends as `Failed` without changes.'

/** The members of a job request about its start. */
export const SCHEDULE_REQUEST = {
  notBefore: Type.Optional(requestDateTime(NOT_BEFORE)),
  window: Type.Optional(Type.Union([...windowOrCluster], { description: WINDOW_NOTE })),
  giveUpAt: Type.Optional(requestDateTime(GIVE_UP)),
}

/** A change of the schedule of a job that has not begun. */
export const RescheduleRequestSchema = Type.Object(
  {
    notBefore: Type.Optional(nullable(requestDateTime(NOT_BEFORE))),
    window: Type.Optional(Type.Union([...windowOrCluster, Type.Null()], { description: WINDOW_NOTE })),
    giveUpAt: Type.Optional(nullable(requestDateTime(GIVE_UP))),
    reason: Type.Optional(ReasonSchema),
  },
  { additionalProperties: false, minProperties: 1, $id: 'RescheduleRequest' },
)
