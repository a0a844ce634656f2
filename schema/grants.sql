-- Roles for those who share the database kaisen on a ClickHouse server. Run it once as an administrator, after
-- `kaisen migrate`, and grant the roles to users of your own:
--
--     CREATE USER kaisen IDENTIFIED WITH sha256_password BY '…';
--     GRANT kaisen_writer TO kaisen;
--
-- Where the database has another name, replace `kaisen.` below. On a cluster add ON CLUSTER to every statement, or run
-- them on each of its shards where these are alone. The embedded engine knows no users: it listens on 127.0.0.1 only.

-- kaisen_migrator is who runs `kaisen migrate --dsn …`: tables, views, retention. Nobody else needs these rights.
CREATE ROLE IF NOT EXISTS kaisen_migrator;
GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT ON kaisen.* TO kaisen_migrator;
GRANT CLUSTER ON *.* TO kaisen_migrator;
-- Distributed tables, and servers that ask for a right to the engines; and where the shards of a cluster are.
GRANT REMOTE ON *.* TO kaisen_migrator;
GRANT TABLE ENGINE ON * TO kaisen_migrator;
GRANT SELECT ON system.clusters TO kaisen_migrator;
GRANT SELECT ON system.macros TO kaisen_migrator;

-- kaisen_writer is who `kaisen run` and `kaisen sweep` are: they write rows, and read what they wrote when they start.
CREATE ROLE IF NOT EXISTS kaisen_writer;
GRANT SELECT, INSERT ON kaisen.* TO kaisen_writer;
GRANT SELECT ON system.clusters TO kaisen_writer;
GRANT SELECT ON system.macros TO kaisen_writer;

-- kaisen_analyst may read everything, personal data too, and change nothing. A question that runs wild ends itself.
CREATE ROLE IF NOT EXISTS kaisen_analyst SETTINGS readonly = 2, max_execution_time = 600, max_memory_usage = 8000000000;
GRANT SELECT ON kaisen.* TO kaisen_analyst;

-- kaisen_grafana is for dashboards, which many people see: without the contracts' people and addresses, and without the
-- carrier's raw answers. readonly = 2, because the ClickHouse plugin sends settings with every question.
CREATE ROLE IF NOT EXISTS kaisen_grafana SETTINGS readonly = 2, max_execution_time = 60, max_memory_usage = 4000000000;
GRANT SELECT ON kaisen.* TO kaisen_grafana;
REVOKE SELECT ON kaisen.contracts FROM kaisen_grafana;
REVOKE SELECT ON kaisen.dead_letters FROM kaisen_grafana;
