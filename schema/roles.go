package schema

// Role is what a kind of user of the database may do: on a server a role of grants.sql, in the embedded engine the
// rights of an account.
type Role struct {
	Name     string        // kaisen_analyst
	About    string        // a sentence for who grants it
	Grants   []string      // what stands between GRANT and TO
	Settings []RoleSetting // bounds of its questions
}

// RoleSetting is a ClickHouse setting of a role, and how far a question may change it: "" freely, CONST not at all,
// MIN a MAX b between the two.
type RoleSetting struct{ Name, Value, Bound string }

// The roles, by name.
const (
	RoleMigrator = "kaisen_migrator"
	RoleWriter   = "kaisen_writer"
	RoleAnalyst  = "kaisen_analyst"
	RoleGrafana  = "kaisen_grafana"
)

// Roles are those who share a database of this name.
func Roles(database string) ([]Role, error) {
	readers := func(seconds, memory string) []RoleSetting {
		return []RoleSetting{
			{"readonly", "2", "CONST"},
			{"final", "1", ""},
			{"max_execution_time", seconds, "MIN 1 MAX " + seconds},
			{"max_memory_usage", memory, "CONST"},
			{"max_memory_usage_for_user", memory, "CONST"},
		}
	}
	return []Role{
		{RoleAnalyst, "may read everything, personal data too, and change nothing", []string{"SELECT ON " + database + ".*"}, readers("600", "8000000000")},
		{RoleGrafana, "is for dashboards, which many people see", []string{"SELECT ON " + database + ".*"}, readers("60", "4000000000")},
	}, nil
}
