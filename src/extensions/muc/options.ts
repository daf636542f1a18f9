// What an operator can set for a service of rooms: limits, and who may make rooms.
import { z } from 'zod'
import { decimal, flag, integer, type OptionValues, oneOf, text } from '../../base/options.ts'

/** Options of `muc`. */
export const mucOptions = {
  name: text('Rooms', 'what the service is called in service discovery'),
  create: oneOf(
    ['anyone', 'local', 'admins'],
    'anyone',
    'who may make rooms: anyone; accounts, not guests, of the domain that the service is a subdomain of; admins of the service',
  ),
  defaults: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .default({})
    .describe(
      'settings of new rooms by form field, as a form would submit them: {"muc#roomconfig_persistentroom": "1"}',
    ),
  lockSeconds: integer(600, 'how long a new room waits for its configuration before it is destroyed', {
    min: 1,
  }),
  roomsPerAccount: integer(100, 'rooms made by one account that exist at a time', { min: 1 }),
  roomsPerHour: integer(500, 'rooms that one account makes within an hour; 0 for any number'),
  joinsPerSecond: decimal(10, 'rooms that one account enters a second in the long run; 0 for any number'),
  joinsAtOnce: integer(500, 'rooms that one account enters at once after a pause', { min: 1 }),
  presencesPerSecond: decimal(
    5,
    'changes of presence or nick that one occupant makes a second in the long run; 0 for any number',
  ),
  presencesAtOnce: integer(100, 'changes of presence or nick of one occupant at once after a pause', {
    min: 1,
  }),
  messagesPerSecond: decimal(
    100,
    'messages that one occupant sends a second in the long run; 0 for any number',
  ),
  messagesAtOnce: integer(1000, 'messages of one occupant at once after a pause', { min: 1 }),
  roomMessagesPerSecond: decimal(
    2000,
    'messages to everybody that one room takes a second in the long run; 0 for any number',
  ),
  roomMessagesAtOnce: integer(10_000, 'messages to everybody in one room at once after a pause', { min: 1 }),
  pacesKept: integer(10_000, 'accounts of which it is remembered how fast they make and enter rooms', {
    min: 1,
  }),
  roomsInMemory: integer(1000, 'empty persistent rooms that are kept in memory, with their history'),
  occupants: integer(5000, 'clients in one room', { min: 1 }),
  adminSeats: integer(50, 'clients of admins and owners that fit into a room that is full'),
  seatsPerAccount: integer(20, 'clients of one account in one room', { min: 1 }),
  nickLength: integer(128, 'characters of a nick', { min: 1 }),
  subjectLength: integer(4096, 'characters of a subject', { min: 1 }),
  historyLength: integer(100, 'messages of history a room keeps, whatever its own setting'),
  keepHistory: flag(true, 'the history of rooms that last is kept with them, and survives a restart'),
  historyBytes: integer(1_000_000, 'bytes of history a room keeps'),
  affiliations: integer(10_000, 'addresses on the lists of one room', { min: 1 }),
  items: integer(500, 'items in one request that changes lists or roles', { min: 1 }),
  formFields: integer(100, 'fields in a submitted configuration', { min: 1 }),
  reasonLength: integer(1024, 'characters of a reason; longer ones are cut'),
  invites: integer(20, 'invitations in one message', { min: 1 }),
  registrations: integer(100, 'registrations that wait for an admin of one room', { min: 1 }),
  voiceRequestSeconds: integer(60, 'how long a visitor waits before asking for voice again'),
  wrongPasswords: integer(5, 'wrong passwords of one account for one room within `wrongPasswordSeconds`', {
    min: 1,
  }),
  wrongPasswordsPerRoom: integer(
    100,
    'wrong passwords of all accounts for one room within `wrongPasswordSeconds`; past it only those with an affiliation may try',
    { min: 1 },
  ),
  wrongPasswordSeconds: integer(60, 'how long wrong passwords count', { min: 1 }),
  wrongPasswordsKept: integer(10_000, 'accounts and rooms of which wrong passwords are remembered', {
    min: 1,
  }),
} as const

export type MucOptions = OptionValues<typeof mucOptions>
