-- What Tengine keeps as MongoDB collections.
CREATE TABLE IF NOT EXISTS settings (name text PRIMARY KEY, value text);
CREATE TABLE IF NOT EXISTS drivers (
  id bigserial PRIMARY KEY, name text NOT NULL, version text NOT NULL,
  enabled boolean NOT NULL, enabled_on_activation boolean NOT NULL, target_class_name text NOT NULL,
  UNIQUE (name, version));
CREATE TABLE IF NOT EXISTS handlers (
  id bigserial PRIMARY KEY, driver_id bigint NOT NULL REFERENCES drivers ON DELETE CASCADE,
  event_type_names text NOT NULL, target_method_name text NOT NULL, filter text NOT NULL,
  filepath text, lineno integer);
CREATE TABLE IF NOT EXISTS handler_paths (
  event_type_name text NOT NULL, driver_id bigint NOT NULL REFERENCES drivers ON DELETE CASCADE,
  handler_id bigint NOT NULL REFERENCES handlers ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS handler_paths_by_type ON handler_paths (event_type_name);
-- Sessions belong to a driver's name and version, so they outlive the reloading of driver records.
CREATE TABLE IF NOT EXISTS sessions (
  driver_name text NOT NULL, driver_version text NOT NULL, lock_version bigint NOT NULL DEFAULT 0,
  properties text NOT NULL DEFAULT '{}', system_properties text NOT NULL DEFAULT '{}',
  PRIMARY KEY (driver_name, driver_version));
CREATE TABLE IF NOT EXISTS events (
  key text PRIMARY KEY, event_type_name text NOT NULL, source_name text, sender_name text,
  occurred_at timestamptz NOT NULL, level integer NOT NULL, confirmed boolean NOT NULL,
  properties text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX IF NOT EXISTS events_by_type ON events (event_type_name, occurred_at);
CREATE TABLE IF NOT EXISTS handled_events (
  id bigserial PRIMARY KEY, event_key text NOT NULL, event_type_name text NOT NULL, driver text NOT NULL,
  dsl_version text NOT NULL, server text, pid integer NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz, error text);
CREATE TABLE IF NOT EXISTS root_jobnets (
  name text NOT NULL, dsl_version text NOT NULL, dsl_filepath text NOT NULL, dsl_lineno integer NOT NULL,
  definition text NOT NULL, PRIMARY KEY (name, dsl_version));
CREATE TABLE IF NOT EXISTS schedules (
  id bigserial PRIMARY KEY, event_type_name text NOT NULL, scheduled_at timestamptz NOT NULL,
  status integer NOT NULL DEFAULT 0, source_name text, properties text NOT NULL DEFAULT '{}');
-- A heartbeat is an event whose row is overwritten: beating, then finished or expired.
CREATE OR REPLACE VIEW heartbeats AS
  SELECT key, source_name AS process, occurred_at AS last_seen,
    CASE WHEN event_type_name LIKE 'expired.%' THEN 'dead'
         WHEN event_type_name LIKE 'finished.%' THEN 'finished' ELSE 'alive' END AS state
  FROM events
  WHERE event_type_name LIKE '%heartbeat.tengine' OR event_type_name LIKE 'finished.process.%.tengine';
