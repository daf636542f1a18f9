// The tables, as a list of steps from an empty file to today's.
import type { DatabaseSync } from 'node:sqlite'
import { StorageError } from './storage-error.ts'

/** Brings the tables from one version to the next. Once released it is never edited; a new one is added. */
export type Migration = (database: DatabaseSync) => void

/** Marks a file as Balcony's: `Blcy` in ASCII. */
const applicationId = 0x42_6c_63_79

const firstTables = `
  -- The stores that exist; a row elsewhere names its store by number.
  create table store (
    number integer primary key,
    name text not null,
    shape text not null,
    unique (name, shape)
  ) strict;
  create table key_value (
    store integer not null,
    owner text not null,
    value text not null,
    primary key (store, owner)
  ) strict, without rowid;
  create table item (
    store integer not null,
    owner text not null,
    key text not null,
    value text not null,
    primary key (store, owner, key)
  ) strict, without rowid;
  -- In order of arrival by number.
  create table entry (
    number integer primary key,
    store integer not null,
    owner text not null,
    id text not null,
    time real not null,
    "with" text not null,
    value text not null,
    unique (store, owner, id)
  ) strict;
  create index entry_by_arrival on entry (store, owner, number);
  create index entry_by_party on entry (store, owner, "with", number);
`

/**
 * With each entry the latest time up to it: it never goes back, even when a clock did, and so an index in order of
 * arrival is one in order of time too. Late are the entries that are older than one before them.
 */
const entriesByTime = `
  alter table entry add column latest real not null default 0;
  update entry set latest = running.latest
    from (select number, max(time) over (partition by store, owner order by number) as latest from entry) as running
    where running.number = entry.number;
  drop index entry_by_arrival;
  drop index entry_by_party;
  create index entry_by_arrival on entry (store, owner, latest);
  create index entry_by_party on entry (store, owner, "with", latest);
  create index entry_late on entry (store, owner, latest) where time < latest;
`

/**
 * Entries of an archive get numbers of their own, one after the other without a gap, so that counting them and going
 * to one by its place is subtraction and addition. What is to be found by words has them in an index that can tell
 * in which rows a token stands and nothing else.
 */
const entriesByPlace = `
  alter table entry add column resource text not null default '';
  alter table entry add column place integer not null default 0;
  alter table entry add column has_words integer not null default 0;
  update entry set place = numbered.place
    from (select number, row_number() over (partition by store, owner order by number) as place from entry)
      as numbered
    where numbered.number = entry.number;
  drop index entry_by_arrival;
  drop index entry_by_party;
  drop index entry_late;
  create index entry_by_place on entry (store, owner, place, latest);
  create index entry_by_party on entry (store, owner, "with", place);
  create index entry_by_address on entry (store, owner, "with", resource, place) where resource <> '';
  create index entry_late on entry (store, owner, place) where time < latest;
  create virtual table entry_words using fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
  );
  create trigger entry_removed after delete on entry when old.has_words begin
    delete from entry_words where rowid = old.number;
  end;
`

/**
 * Entries are in one table in the order of arrival, and are put into their indexes later, many at once; so indexes are
 * tables. Archives have numbers, which are shorter than what they stand for. What an entry is to be found by is in `text` until
 * somebody searches its archive.
 */
const entriesByArrival = `
  create table archive (
    number integer primary key,
    store integer not null,
    owner text not null,
    -- Words of entries up to this place are in their index.
    words_to integer not null default 0,
    unique (store, owner)
  ) strict;
  insert into archive (store, owner, words_to) select store, owner, max(place) from entry group by store, owner;
  create table entry_of_archive (
    number integer primary key,
    archive integer not null,
    place integer not null,
    latest real not null,
    time real not null,
    id text not null,
    "with" text not null,
    resource text not null,
    value text not null,
    text text not null,
    has_words integer not null
  ) strict;
  insert into entry_of_archive
    select entry.number, archive.number, place, latest, time, id, "with", resource, value, '', has_words
    from entry join archive using (store, owner) order by entry.number;
  drop table entry;
  alter table entry_of_archive rename to entry;
  create table entry_by_place (
    archive integer not null,
    place integer not null,
    latest real not null,
    number integer not null,
    primary key (archive, place)
  ) strict, without rowid;
  create table entry_by_id (
    archive integer not null,
    id text not null,
    place integer not null,
    number integer not null,
    primary key (archive, id)
  ) strict, without rowid;
  create table entry_by_party (
    archive integer not null,
    "with" text not null,
    place integer not null,
    resource text not null,
    number integer not null,
    primary key (archive, "with", place)
  ) strict, without rowid;
  create table entry_late (
    archive integer not null,
    place integer not null,
    time real not null,
    primary key (archive, place)
  ) strict, without rowid;
  insert into entry_by_place select archive, place, latest, number from entry order by archive, place;
  insert into entry_by_id select archive, id, place, number from entry order by archive, id;
  insert into entry_by_party
    select archive, "with", place, resource, number from entry order by archive, "with", place;
  insert into entry_late select archive, place, time from entry where time < latest;
  create trigger entry_removed after delete on entry begin
    delete from entry_by_place where archive = old.archive and place = old.place;
    delete from entry_by_id where archive = old.archive and id = old.id;
    delete from entry_by_party where archive = old.archive and "with" = old."with" and place = old.place;
    delete from entry_late where archive = old.archive and place = old.place and old.time < old.latest;
    delete from entry_words where rowid = old.number and old.has_words;
  end;
  -- Entries up to this number are in the indexes, and no other will have one of these numbers.
  create table settled (number integer not null) strict;
  insert into settled select coalesce(max(number), 0) from entry;
`

/** The version of a file is the number of steps that were taken. */
export const migrations: readonly Migration[] = [
  (database) => database.exec(firstTables),
  (database) => database.exec(entriesByTime),
  (database) => database.exec(entriesByPlace),
  (database) => database.exec(entriesByArrival),
]

/**
 * Takes the steps that a file lacks, each in a transaction of its own, so that a crash leaves a whole version.
 * `path` is for the message.
 * @throws StorageError `newer` if the file has taken more steps than we know, `corrupt` if it is some other program's
 */
export function migrate(database: DatabaseSync, path: string, steps = migrations): void {
  assertOurs(database, path)
  for (let version = versionOf(database); version < steps.length; version = versionOf(database)) {
    inTransaction(database, () => {
      // Another process may have taken the step while we waited for the lock.
      if (versionOf(database) !== version) return
      steps[version]?.(database)
      database.exec(`pragma application_id = ${applicationId}; pragma user_version = ${version + 1}`)
    })
  }
  const version = versionOf(database)
  if (version <= steps.length) return
  throw new StorageError(
    'newer',
    `${path}: written by a newer version of the program (tables of version ${version}, known up to ${steps.length})`,
  )
}

/** Whether a file has all the steps that are known. */
export function isCurrent(database: DatabaseSync): boolean {
  return pragma(database, 'application_id') === applicationId && versionOf(database) === migrations.length
}

/**
 * Writes nothing.
 * @throws StorageError `corrupt` if a file is neither Balcony's nor empty
 */
export function assertOurs(database: DatabaseSync, path: string): void {
  // In this order: another process may just be making the tables, and the mark comes with the first of them.
  const isEmpty = database.prepare('select 1 from sqlite_schema').get() === undefined
  const found = pragma(database, 'application_id')
  if (found === applicationId || (isEmpty && found === 0)) return
  throw new StorageError('corrupt', `${path}: an SQLite file of some other program`)
}

function versionOf(database: DatabaseSync): number {
  return pragma(database, 'user_version')
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`pragma ${name}`).get()?.[name])
}

function inTransaction(database: DatabaseSync, action: () => void): void {
  database.exec('begin immediate')
  try {
    action()
    database.exec('commit')
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}
