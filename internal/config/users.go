package config

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"kaisen/collector"
)

// User is one of store.users_file: an account of the embedded engine.
type User struct {
	Name     string
	Role     string // one of UserRoles
	Password Secret
}

// UserRoles are what a user of the embedded engine may be: who reads everything, who reads what dashboards show, and
// who writes.
func UserRoles() []string { return []string{"analyst", "grafana", "writer"} }

// leastPassword is the least length of a password in the file.
const leastPassword = 8

// usersFile is how the file is written.
type usersFile struct {
	Users []userEntry `yaml:"users"`
}

type userEntry struct {
	Name         string `yaml:"name"`
	Role         string `yaml:"role"`
	Password     string `yaml:"password"`
	PasswordFile string `yaml:"password_file"`
}

// ReadUsers reads users_file, with the passwords that it keeps in files of their own; nil without one. Its error names
// every user that is wrong, and no password.
func (s Store) ReadUsers() ([]User, error) {
	if s.UsersFile == "" {
		return nil, nil
	}
	file, err := os.Open(s.UsersFile)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var written usersFile
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&written); err != nil {
		return nil, fmt.Errorf("%s is not a list \"users:\" with name, role and password or password_file: %s", s.UsersFile, yamlProblem(err))
	}
	var users []User
	var wrong []string
	for i, u := range written.Users {
		user := User{Name: u.Name, Role: u.Role, Password: NewSecret(u.Password)}
		if err := user.check(users); err != nil {
			wrong = append(wrong, fmt.Sprintf("users[%d] %s: %v", i, collector.Quote(u.Name), err))
			continue
		}
		if u.PasswordFile != "" {
			text, err := readSecret(u.PasswordFile)
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("users[%d] %s: %v", i, collector.Quote(u.Name), err))
				continue
			}
			user.Password = NewSecret(text)
		}
		if text := user.Password.Reveal(); text != "" && (len(text) < leastPassword || strings.ContainsAny(text, "\r\n")) {
			wrong = append(wrong, fmt.Sprintf("users[%d] %s: its password is shorter than %d characters, or has more than one line", i, collector.Quote(u.Name), leastPassword))
		}
		if (u.Password == "") == (u.PasswordFile == "") {
			wrong = append(wrong, fmt.Sprintf("users[%d] %s: needs a password or a password_file, one of the two", i, collector.Quote(u.Name)))
		}
		users = append(users, user)
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("%s: %s", s.UsersFile, strings.Join(wrong, "; "))
	}
	return users, nil
}

// check looks at the name and the role; others are the users before it.
func (u User) check(others []User) error {
	switch {
	case !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`).MatchString(u.Name):
		return errors.New("a name has letters, digits and underscores, and begins with no digit")
	case u.Name == "default" || u.Name == "kaisen":
		return errors.New("that is an account of the engine itself")
	case !slices.Contains(UserRoles(), u.Role):
		return fmt.Errorf("role %s is none of %s", collector.Quote(u.Role), strings.Join(UserRoles(), ", "))
	case slices.ContainsFunc(others, func(other User) bool { return other.Name == u.Name }):
		return errors.New("the name is there twice")
	}
	return nil
}

// yamlProblem is the decoder's message on one line, without what may be a value: it quotes what it cannot place.
func yamlProblem(err error) string {
	text := regexp.MustCompile("`[^`]*`").ReplaceAllString(err.Error(), "…")
	text = regexp.MustCompile(` (in type|into) \S+`).ReplaceAllString(text, "")
	return strings.Join(strings.Fields(strings.TrimPrefix(text, "yaml: unmarshal errors:")), " ")
}
