package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestUsersFileOfTheDocs reads the users_file that schema/README.md shows.
func TestUsersFileOfTheDocs(t *testing.T) {
	text, err := os.ReadFile("../../schema/README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```yaml\n(users:\n.*?)```").FindStringSubmatch(string(text))
	if m == nil {
		t.Fatal("schema/README.md shows no users_file")
	}
	folder := t.TempDir()
	password, file := filepath.Join(folder, "yuki.password"), filepath.Join(folder, "users.yaml")
	for path, content := range map[string]string{password: "hers-alone\n", file: strings.ReplaceAll(m[1], "/etc/kaisen/yuki.password", password)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	users, err := Store{UsersFile: file}.ReadUsers()
	if err != nil {
		t.Fatal(err)
	}
	if len(users) != 2 || users[0].Name != "yuki" || users[0].Role != "analyst" || users[0].Password.Reveal() != "hers-alone" || users[1].Role != "grafana" {
		t.Errorf("%v", users)
	}
}
