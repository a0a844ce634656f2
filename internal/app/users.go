package app

import (
	"fmt"

	"kaisen/internal/chdb"
	"kaisen/internal/config"
	"kaisen/schema"
)

// EngineUsers are the accounts of the embedded engine beside the service's own: analyst and grafana, whose passwords lie
// beside the data, and those of store.users_file, which may replace the two.
func EngineUsers(cfg config.Store, database string) ([]chdb.User, error) {
	memory := uint64(cfg.Memory)
	if memory == 0 {
		memory = chdb.DefaultMemory()
	}
	roles, err := schema.Roles(database, memory)
	if err != nil {
		return nil, err
	}
	byName := map[string]schema.Role{}
	for _, role := range roles {
		byName[role.Name] = role
	}
	listed, err := cfg.ReadUsers()
	if err != nil {
		return nil, fmt.Errorf("store.users_file: %w", err)
	}
	named := map[string]bool{}
	var users []chdb.User
	for _, user := range listed {
		named[user.Name] = true
		users = append(users, engineUser(user.Name, user.Password.Reveal(), byName["kaisen_"+user.Role]))
	}
	for _, name := range []string{"analyst", "grafana"} {
		if named[name] {
			continue
		}
		password, err := chdb.Password(cfg.Path, name)
		if err != nil {
			return nil, err
		}
		users = append(users, engineUser(name, password, byName["kaisen_"+name]))
	}
	return users, nil
}

func engineUser(name, password string, role schema.Role) chdb.User {
	user := chdb.User{Name: name, Password: password, Grants: role.Grants}
	for _, setting := range role.Settings {
		user.Settings = append(user.Settings, chdb.Setting(setting))
	}
	return user
}
