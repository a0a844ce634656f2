package chdb

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// Config says what the engine serves, where, and to whom.
type Config struct {
	Path         string             // data folder; made if it is not there
	Listen       string             // host:port of the HTTP interface; port 0 is a free one
	ListenNative string             // host:port of the native protocol, the same host; "" is off
	Database     string             // made if it is not there
	Library      string             // libchdb.so; "" looks where Library does
	TimeZone     string             // IANA name: what today() goes by, and a DateTime without a zone
	Memory       uint64             // bytes that the engine may take; 0 is DefaultMemory
	Users        []User             // beside the service's own, which is ServiceUser
	Open         bool               // "default" may read Database without a password: for made-up data only
	Temporary    bool               // a command that ends by itself: a service that wants the folder waits for it
	Private      bool               // not for other commands to use, because it ends in a moment
	Clusters     map[string][]Shard // by name, for Distributed tables
	Macros       map[string]string  // what stands for {name} in the definitions of tables
}

// Shard is one server of a cluster.
type Shard struct {
	Address        string // host:port, native protocol
	User, Password string
}

// DefaultConfig is ClickHouse's own ports on loopback, with the data beside the program.
func DefaultConfig() Config {
	return Config{Path: "./data", Listen: "127.0.0.1:8123", ListenNative: "127.0.0.1:9000", Database: "kaisen", TimeZone: "Asia/Tokyo"}
}

// servicePassword is what kaisen itself logs in with.
func (c Config) servicePassword() string {
	for _, user := range c.Users {
		if user.Name == ServiceUser {
			return user.Password
		}
	}
	return ""
}

// folder is where the engine's own configuration lies, inside the data folder.
func (c Config) folder() string { return filepath.Join(c.Path, "engine") }

// write puts the configuration where the engine reads it, and returns the file.
func (c Config) write() (string, error) {
	if err := os.MkdirAll(c.folder(), 0o700); err != nil {
		return "", fmt.Errorf("configuration of the engine: %w", err)
	}
	users, main := filepath.Join(c.folder(), "users.xml"), filepath.Join(c.folder(), "config.xml")
	text, err := c.server(users)
	if err != nil {
		return "", err
	}
	for path, content := range map[string]string{users: c.accounts(), main: text} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return "", fmt.Errorf("configuration of the engine: %w", err)
		}
	}
	return main, nil
}

// forget removes what write has written: the engine reads it once, at its start, and passwords' hashes and addresses are
// nobody's to read through it later.
func (c Config) forget() error {
	return errors.Join(os.Remove(filepath.Join(c.folder(), "users.xml")), os.Remove(filepath.Join(c.folder(), "config.xml")))
}

// server is the engine's config.xml. Rows are on the disk when an insert is answered, and so are merged parts before
// those they replace are gone: the spool forgets with fsync what the engine has acknowledged. Parts that are found broken
// are put aside however many they are, for with more than a hundred the engine would not start at all; kaisen tells them.
func (c Config) server(users string) (string, error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", err
	}
	x := element("listen_host", host) + element("http_port", port)
	if c.ListenNative != "" {
		_, native, err := net.SplitHostPort(c.ListenNative)
		if err != nil {
			return "", err
		}
		x += element("tcp_port", native)
	}
	memory := c.Memory
	if memory == 0 {
		memory = DefaultMemory()
	}
	x += element("max_server_memory_usage", fmt.Sprint(memory)) + element("mark_cache_size", fmt.Sprint(memory/8)) +
		element("users_config", users) + element("user_files_path", filepath.Join(c.Path, "user_files")) +
		element("user_scripts_path", "/dev/null/") + // executable() asks for no right here: there is no folder of programs
		element("display_name", "kaisen") +
		nested("access_control_improvements", element("select_from_system_db_requires_grant", "true")+
			element("select_from_information_schema_requires_grant", "true")+element("table_engines_require_grant", "true")) +
		nested("merge_tree", element("fsync_after_insert", "1")+element("fsync_part_directory", "1")+
			element("min_rows_to_fsync_after_merge", "1")+element("min_compressed_bytes_to_fsync_after_merge", "1")+
			element("max_suspicious_broken_parts", "1000000")+element("max_suspicious_broken_parts_bytes", "1000000000000000")) +
		c.guard() + c.remoteServers()
	return "<clickhouse>" + x + "\n</clickhouse>\n", nil
}

func (c Config) remoteServers() string {
	var clusters string
	for name, shards := range c.Clusters {
		var x string
		for _, shard := range shards {
			host, port, _ := net.SplitHostPort(shard.Address)
			x += nested("shard", nested("replica", element("host", host)+element("port", port)+
				element("user", shard.User)+element("password", shard.Password)))
		}
		clusters += nested(name, x)
	}
	if clusters == "" {
		return ""
	}
	var macros string
	for name, value := range c.Macros {
		macros += element(name, value)
	}
	return nested("remote_servers", clusters) + nested("macros", macros)
}

func nested(name, inside string) string { return "\n<" + name + ">" + inside + "</" + name + ">" }

func element(name, text string) string {
	var escaped strings.Builder
	xml.EscapeText(&escaped, []byte(text)) // a Builder takes everything
	return nested(name, escaped.String())
}
