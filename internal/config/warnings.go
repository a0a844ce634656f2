package config

import (
	"fmt"
	"net/url"
	"slices"
)

// Warnings are what is allowed but probably not meant, one line each with its path. A command logs them once.
func (c *Config) Warnings() []string {
	var warnings []string
	warn := func(path, format string, args ...any) {
		warnings = append(warnings, path+": "+fmt.Sprintf(format, args...))
	}
	for i, source := range c.Sources {
		if unencrypted(source.TokenURL) {
			warn(at("sources", i)+".token_url", "the client secret crosses the network unencrypted; write https")
		}
		if unencrypted(source.BaseURL) {
			warn(at("sources", i)+".base_url", "access tokens cross the network unencrypted; write https")
		}
		if source.Settings != nil {
			source.Settings.Warn(func(key, problem string) { warn(join(at("sources", i), key), "%s", problem) })
		}
	}
	c.labelWarnings(warn)
	switch c.Store.Kind {
	case StoreEmbedded:
		if !loopback(c.Store.Listen) {
			warn("store.listen", "passwords and rows cross the network unencrypted to %s; listen on 127.0.0.1", c.Store.Listen)
		}
		if _, count, _ := c.Collector.Part(); count > 1 {
			warn("collector.shard", "an embedded database has only the rows of this part, and not the lines of it that another part's logs show; set store.kind to clickhouse, one for all parts")
		}
	case StoreClickHouse:
		if dsn, err := c.Store.ReadDSN(); err == nil && passwordInClear(dsn) {
			warn("store.dsn", "the password crosses the network unencrypted; use https:// or ?secure=true")
		}
	}
	return warnings
}

// unencrypted reports whether a URL sends in the clear to another machine.
func unencrypted(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Scheme == "http" && !loopback(parsed.Host)
}

func passwordInClear(dsn DSN) bool {
	parts, err := splitDSN(dsn.Reveal())
	if err != nil || parts.scheme == "https" {
		return false
	}
	settings, err := url.ParseQuery(parts.query)
	if err != nil || settings.Get("secure") == "true" || settings.Get("secure") == "1" {
		return false
	}
	_, inUser := parts.user.Password() // fine on nil
	return (inUser || settings.Has("password")) && slices.ContainsFunc(parts.hosts, func(host string) bool { return !loopback(host) })
}
