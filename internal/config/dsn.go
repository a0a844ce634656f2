package config

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// dsnParts are the pieces of a ClickHouse DSN, scheme://user:password@host:port,host:port/database?setting=value.
type dsnParts struct {
	scheme string
	user   *url.Userinfo // nil without
	hosts  []string      // at least one, host:port or host
	path   string        // /database, or empty
	query  string        // without the question mark
}

var (
	errScheme   = errors.New("not an address of a ClickHouse server")
	errHost     = errors.New("has no valid host")
	errUserinfo = errors.New("has a user or password with characters that need %-encoding")
)

// dsnSchemes are those clickhouse-go knows: the first two speak the native protocol.
func dsnSchemes() []string { return []string{"clickhouse", "tcp", "http", "https"} }

// splitDSN takes a DSN apart. It is our own because a DSN may list several hosts, which net/url refuses. Its errors
// hold nothing of the DSN.
func splitDSN(dsn string) (dsnParts, error) {
	scheme, rest, found := strings.Cut(dsn, "://")
	if !found || !slices.Contains(dsnSchemes(), scheme) {
		return dsnParts{}, errScheme
	}
	parts := dsnParts{scheme: scheme}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority, rest = rest[:end], rest[end:]
		parts.path, parts.query, _ = strings.Cut(rest, "?")
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		// net/url knows which characters a user and a password may have
		parsed, err := url.Parse("//" + authority[:at] + "@host")
		if err != nil {
			return dsnParts{}, errUserinfo
		}
		parts.user, authority = parsed.User, authority[at+1:]
	}
	for host := range strings.SplitSeq(authority, ",") {
		if !validHost(host) {
			return dsnParts{}, errHost
		}
		parts.hosts = append(parts.hosts, host)
	}
	return parts, nil
}

func validHost(host string) bool {
	parsed, err := url.Parse("//" + host)
	if err != nil || parsed.Hostname() == "" || parsed.User != nil || parsed.Host != host {
		return false
	}
	return parsed.Port() == "" || validPort(parsed.Port())
}

func validPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && strconv.FormatUint(number, 10) == port
}

// loopback reports whether a host, with or without port, is this machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address := net.ParseIP(host)
	return address != nil && address.IsLoopback()
}
