// Package chdb runs the embedded ClickHouse (chDB) as what a server is. The library holds the whole of ClickHouse; its
// command line knows SYSTEM START LISTEN, so ClickHouse's own code serves ClickHouse's own native protocol and HTTP
// interface, with users, passwords, settings and bounds out of the configuration that this package writes.
//
// The engine replaces the signal handlers of the process it runs in, so that a fault in Go code there would end that
// process without a word. It therefore has a process of its own: [Serve] is the body of that child, [Supervisor] starts
// it, starts it again when it dies or hangs, and ends it. The child gets its configuration through its standard input,
// whose end is its own end too; it inherits no environment but what it needs, and where the kernel has Landlock it
// sees its data folder and little else, and connects to nobody.
//
// Every account has a password, made at the first start in a file beside the data that only its owner reads. The
// engine's own session logs in as "default", which has none: a quota lets it start the listeners, and nothing after that.
// Nobody who comes over a port may reach files, programs or other machines through SQL, nor may a web page that is open
// in some browser on this machine ask anything.
//
// The package knows nothing of kaisen's tables, offers no TLS (the library's listeners have none, so the ports belong on
// loopback) and no replication.
package chdb

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
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
	Replica        bool // of the shard before it
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
// are put aside however many they are, for with more than a hundred the engine would not start at all; kaisen reports them.
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
		for i, shard := range shards {
			if i > 0 && !shard.Replica {
				x += "</shard><shard>"
			}
			host, port, _ := net.SplitHostPort(shard.Address)
			x += nested("replica", element("host", host)+element("port", port)+
				element("user", shard.User)+element("password", shard.Password))
		}
		x = nested("shard", x)
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

// mostMemory is the bound of an engine that nobody gave another.
const mostMemory = 4 << 30

// DefaultMemory is the bound of an engine that nobody gave another, in bytes: half of what this machine has, or of what
// its control group may take where that is less, and at most 4 GiB.
func DefaultMemory() uint64 {
	if have := machineMemory(); have > 0 {
		return min(have/2, mostMemory)
	}
	return mostMemory
}

// guard is the part of config.xml that says to whom HTTP answers. A page open in some browser on this machine can send
// requests here too, with the password that the browser remembers: pages of another origin are refused, and so, on
// loopback, are names that an attacker's DNS points here. Rules are tried in order, each condition matches the whole of
// its header, "" where there is none, and what no rule lets through is refused.
func (c Config) guard() string {
	host, port, _ := net.SplitHostPort(c.Listen) // server has looked at it
	friend := header("Sec-Fetch-Site", "(none|same-origin)?")
	if address, err := netip.ParseAddr(host); host == "localhost" || err == nil && address.IsLoopback() {
		friend += header("Host", `(?i)(127\.[0-9.]+|\[::1\]|([a-z0-9-]+\.)*localhost\.?)(:[0-9]+)?`)
	}
	own := friend + header("Origin", "https?://("+regexp.QuoteMeta(c.Listen)+"|localhost:"+port+")")
	friend += header("Origin", "")
	root := element("url", "/")
	rules := rule(own, root, query())
	for _, page := range []string{"ping", "replicas_status", "play"} {
		rules += rule(friend, element("url", "/"+page)+element("methods", "GET,HEAD"), element("type", page))
	}
	rules += rule(friend, root+element("methods", "GET,HEAD")+nested("empty_query_string", ""), static(200, "Ok.\n"))
	rules += rule(friend, root, query()) // who gives no password is "default", and may do nothing
	const foreign = "requests from web pages of another origin are refused\n"
	rules += rule(header("Origin", ".+"), "", static(403, foreign)) + rule(header("Sec-Fetch-Site", "(cross|same)-site"), "", static(403, foreign))
	return nested("http_handlers", rules+
		rule("", "", static(403, "there is nothing here but /, /play, /ping and /replicas_status, under the name localhost or an address\n")))
}

// rule is one of http_handlers: a request with these headers that meets these conditions gets this handler.
func rule(headers, conditions, handler string) string {
	if headers != "" {
		headers = nested("headers", headers)
	}
	return nested("rule", headers+conditions+nested("handler", handler))
}

func header(name, pattern string) string { return element(name, "regex:"+pattern) }

func query() string {
	return element("type", "dynamic_query_handler") + element("query_param_name", "query")
}

func static(status int, text string) string {
	return element("type", "static") + element("status", strconv.Itoa(status)) +
		element("content_type", "text/plain; charset=UTF-8") + element("response_content", text)
}
