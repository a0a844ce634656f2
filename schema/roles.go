package schema

import (
	"fmt"
	"strings"
)

// Role is what a kind of user of the database may do: on a server a role of grants.sql, in the embedded engine the
// rights of an account.
type Role struct {
	Name     string        // kaisen_analyst
	About    string        // sentences for who grants it
	Grants   []string      // what stands between GRANT and TO
	Server   []string      // more of them, which only a server can give without giving too much
	Cluster  []string      // more of them, where the tables lie on a cluster
	Settings []RoleSetting // bounds of its questions
}

// RoleSetting is a ClickHouse setting of a role, "" as it is by itself, and how far a question may change it: "" freely, CONST not at all,
// MIN a MAX b between the two.
type RoleSetting struct{ Name, Value, Bound string }

// The roles, by name.
const (
	RoleMigrator = "kaisen_migrator"
	RoleWriter   = "kaisen_writer"
	RoleAnalyst  = "kaisen_analyst"
	RoleGrafana  = "kaisen_grafana"
)

// Roles are those who share a database of this name, on a ClickHouse that has so many bytes of memory for questions. An
// analyst's take at most half of them and those of dashboards a quarter, so that there is always some left for inserts.
func Roles(database string, memory uint64) ([]Role, error) {
	shown, onCluster, err := shownGrants(database)
	if err != nil {
		return nil, err
	}
	all := " ON " + database + ".*"
	return []Role{
		{Name: RoleMigrator,
			About: "is who runs `kaisen migrate --dsn-file …`: tables, views, retention. Nobody else needs these rights.",
			Grants: []string{
				"CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT" + all,
				"TABLE ENGINE ON MergeTree", "TABLE ENGINE ON ReplacingMergeTree",
			},
			Cluster: []string{"CLUSTER ON *.*", "TABLE ENGINE ON ReplicatedMergeTree", "TABLE ENGINE ON ReplicatedReplacingMergeTree", "TABLE ENGINE ON Distributed",
				"REMOTE ON *.*", "SELECT ON system.clusters", "SELECT ON system.macros", "SELECT ON system.zookeeper"}},
		{Name: RoleWriter,
			About: "is who `kaisen run` and `kaisen sweep` are: they write rows, read what they wrote when they start, and take away those " +
				"that a wrong clock has dated in the future, once they are dated anew.",
			Grants:  []string{"SELECT, INSERT, ALTER DELETE" + all},
			Cluster: []string{"SELECT ON system.clusters", "SELECT ON system.macros"}},
		{Name: RoleAnalyst,
			About:    "may read everything, personal data too, and change nothing but temporary tables of its own.",
			Grants:   []string{"SELECT" + all, "SELECT ON information_schema.*", "SELECT ON INFORMATION_SCHEMA.*", "SELECT ON system.parts"},
			Server:   []string{"CREATE TEMPORARY TABLE ON *.*", "TABLE ENGINE ON Memory"},
			Settings: readers(600, memory/2)},
		{Name: RoleGrafana,
			About: "is for dashboards, which many people see: it reads the columns whose comment says nothing of personal data, " +
				"and the line numbers, without which no dashboard could say which line it speaks of.",
			Grants:   shown,
			Cluster:  onCluster,
			Settings: readers(60, memory/4)},
	}, nil
}

// readers are the limits of a reader: seconds for a query, bytes for all of them together.
//
// readonly is 2 because clients send settings with their questions. So what must hold has a bound: the time may be
// chosen but neither lifted nor set to 0, which would be no limit. Clients that have a deadline send it, clickhouse-go with 5
// seconds on top and so Grafana's plugin 65 for its minute: hence the 10. FINAL is everywhere, unless a question says
// otherwise, so that nobody who leaves it out counts a row twice.
func readers(seconds int, memory uint64) []RoleSetting {
	bytes := fmt.Sprint(memory)
	return []RoleSetting{
		{"readonly", "2", "CONST"},
		{"final", "1", ""},
		{"max_execution_time", fmt.Sprint(seconds), fmt.Sprintf("MIN 1 MAX %d", seconds+10)},
		{"max_memory_usage", bytes, "CONST"},
		{"max_memory_usage_for_user", bytes, "CONST"},
		{"max_untracked_memory", "4194304", "CONST"}, // of each thread, which no limit counts
		{"max_temporary_data_on_disk_size_for_user", "10000000000", "CONST"},
		{"additional_table_filters", "", "CONST"}, // conditions on columns that one may not read are not refused
		{"parallel_replicas_custom_key", "", "CONST"},
	}
}

// shownGrants are the rights to what everybody may see, and the same for a cluster's tables beneath the Distributed ones.
func shownGrants(database string) (grants, onCluster []string, err error) {
	relations, err := Relations()
	if err != nil {
		return nil, nil, err
	}
	for _, r := range relations {
		if r.Closed {
			continue
		}
		what := "SELECT"
		if len(r.Hidden) > 0 {
			what += "(" + strings.Join(r.Open, ", ") + ")"
		}
		grants = append(grants, what+" ON "+database+"."+r.Name)
		if !r.View {
			onCluster = append(onCluster, what+" ON "+database+"."+r.Name+"_local")
		}
	}
	return grants, onCluster, nil
}
