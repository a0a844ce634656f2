package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"kaisen/collector"
	"kaisen/exporter"
	"kaisen/exporter/linelabel"
)

// clusterName has no character that would have to be quoted in SQL, but for the braces of a macro.
var clusterName = regexp.MustCompile(`^[A-Za-z0-9_.{}-]*$`)

// leastSpool is the least that a spool may be given: room for a few minutes of any fleet.
const leastSpool = 16 * mebibyte

// check looks at the values of a configuration whose shape is right. It looks at every value, also at those the
// chosen kind of store does not use, because a file with a mistake in it waits for the day it is used.
func (f *findings) check(kinds collector.Kinds, cfg *Config) {
	f.checkZone(cfg.TimeZone)
	names := map[string]int{}
	for i := range cfg.Sources {
		f.checkSource(at("sources", i), kinds, &cfg.Sources[i])
		if first, taken := names[cfg.Sources[i].Name]; taken {
			f.add(at("sources", i)+".name", collector.Quote(cfg.Sources[i].Name)+" is the name of "+at("sources", first)+" too", "give each source a name of its own")
			continue
		}
		names[cfg.Sources[i].Name] = i
	}
	if _, _, err := cfg.Collector.Part(); err != nil {
		f.add("collector.shard", collector.Quote(cfg.Collector.Shard)+" is "+err.Error(), "write 2/5 for the second of five, at most of 100, or nothing for all")
	}
	f.checkParts(kinds, cfg)
	f.checkContracts(cfg)
	f.checkLabels(cfg)
	f.checkStore(&cfg.Store)
	f.checkExporter(&cfg.Exporter)
	for _, other := range []struct{ path, address string }{{"store.listen", cfg.Store.Listen}, {"store.listen_native", cfg.Store.ListenNative}} {
		if cfg.Store.Kind == StoreEmbedded && sameAddress(cfg.Exporter.Listen, other.address) {
			f.add("exporter.listen", cfg.Exporter.Listen+" is taken by "+other.path, "give them different ports")
		}
	}
	f.oneOf("log.level", cfg.Log.Level, "debug", "info", "warn", "error")
	f.oneOf("log.format", cfg.Log.Format, "text", "json")
}

func (f *findings) checkZone(name string) {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		f.add("time_zone", collector.Quote(name)+" is not a time zone", "write a name of the IANA database, like Asia/Tokyo")
	}
}

func (f *findings) checkExporter(exporter *Exporter) {
	f.address("exporter.listen", exporter.Listen)
	for i, name := range exporter.Hosts {
		if name == "" || strings.ContainsAny(name, "/:*, \t") && name != "*" {
			f.add(at("exporter.hosts", i), collector.Quote(name)+" is no name of a server", "write the name alone, without scheme and port, such as kaisen.example.com; or * for every name")
		}
	}
	f.checkWebConfig(exporter.WebConfigFile)
	if exporter.StaleAfter < 0 {
		f.add("exporter.stale_after", exporter.StaleAfter.String()+" is negative", "write a duration, or 0 for three intervals of the job")
	}
	if exporter.MaxLines < 0 {
		f.add("exporter.max_lines", fmt.Sprintf("%d is negative", exporter.MaxLines), "write how many lines /metrics may show, or 0 for none")
	}
	f.oneOf("exporter.line_label", string(exporter.LineLabel), string(linelabel.Plain), string(linelabel.Masked), string(linelabel.Hashed))
	f.checkLabelKey(exporter)
}

// checkWebConfig looks into the file where that counts: only who serves must be able to read its certificates.
func (f *findings) checkWebConfig(file string) {
	const path = "exporter.web_config_file"
	f.readable(path, file)
	if !f.whole {
		return
	}
	if err := exporter.ValidateWebConfig(file); err != nil {
		f.add(path, err.Error(), "write it as deploy/README.md shows; passwords as htpasswd -nB makes them")
	}
}

// checkLabelKey leaves the content to the exporter, which makes the file where it is missing.
func (f *findings) checkLabelKey(exporter *Exporter) {
	const path, advice = "exporter.line_label_key_file", "name a file that is kept: with another key every line is called differently; kaisen makes it where it is missing"
	switch file := exporter.LineLabelKeyFile; {
	case file == "":
		if exporter.LineLabel == linelabel.Masked || exporter.LineLabel == linelabel.Hashed {
			f.add(path, "empty, but labels that are "+string(exporter.LineLabel)+" need a secret key", advice)
		}
	case missing(file) && missing(filepath.Dir(file)):
		f.add(path, "there is no folder "+filepath.Dir(file)+" to make it in", "make the folder, or "+advice)
	case !missing(file):
		f.readable(path, file)
	}
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// leastFlush and mostFlush are how long rows may wait for others.
const (
	leastFlush = Duration(100 * time.Millisecond)
	mostFlush  = Duration(time.Minute)
)

func (f *findings) checkStore(store *Store) {
	f.oneOf("store.kind", string(store.Kind), string(StoreEmbedded), string(StoreClickHouse))
	f.present("store.path", store.Path, "name a folder for the engine's files")
	f.present("store.spool", store.Spool, "name a folder for what could not be written yet")
	if store.Path != "" && filepath.Clean(store.Spool) == filepath.Clean(store.Path) {
		f.add("store.spool", "is the same folder as store.path", "give it a folder of its own, which may be inside the other")
	}
	if store.SpoolMax < leastSpool {
		f.add("store.spool_max", store.SpoolMax.String()+" is too little to last", "write at least "+leastSpool.String())
	}
	if store.FlushInterval < leastFlush || store.FlushInterval > mostFlush {
		f.add("store.flush_interval", store.FlushInterval.String()+" is too short for inserts, or too long for what is shown to be new", "write something from "+leastFlush.String()+" to "+mostFlush.String())
	}
	f.checkEmbedded(store)
	f.checkDSN(store)
	if !clusterName.MatchString(store.Cluster) {
		f.add("store.cluster", collector.Quote(store.Cluster)+" is not the name of a cluster", "write letters, digits, dots, dashes and underscores")
	}
	if store.Cluster != "" && store.Kind == StoreEmbedded {
		f.add("store.cluster", "the embedded engine is in no cluster", "remove it, or set store.kind to clickhouse")
	}
	if store.Cluster == "" && !store.Replicated {
		f.add("store.replicated", "false, but there is no cluster", "name it in store.cluster, or remove this")
	}
	f.retention("store.retention.samples", store.Retention.Samples)
	f.retention("store.retention.events", store.Retention.Events)
	own := store.Retention.Tables()
	for _, table := range slices.Sorted(maps.Keys(own)) {
		f.retention("store.retention."+table, own[table])
	}
}

// leastMemory is the least that the embedded engine works with, and leastHang the shortest time in which it is sure to
// answer on a busy machine.
const (
	leastMemory = 512 * mebibyte
	leastHang   = Duration(10 * time.Second)
)

// CheckMemory says what is wrong with a bound of the embedded engine's memory, and what to do; empty is nothing.
func CheckMemory(memory Size) (problem, advice string) {
	if memory == 0 || memory >= leastMemory {
		return "", ""
	}
	return memory.String() + " is too little for the engine", "write at least " + leastMemory.String() + ", or nothing for half of the machine's"
}

func (f *findings) checkEmbedded(store *Store) {
	f.address("store.listen", store.Listen)
	if store.ListenNative != "" {
		f.address("store.listen_native", store.ListenNative)
		http, _, errHTTP := net.SplitHostPort(store.Listen)
		native, _, errNative := net.SplitHostPort(store.ListenNative)
		switch {
		case errHTTP == nil && errNative == nil && http != native:
			f.add("store.listen_native", "its host "+collector.Quote(native)+" is another than "+collector.Quote(http)+" of store.listen, and the engine listens on one", "write the same host in both, or leave listen_native empty")
		case sameAddress(store.Listen, store.ListenNative):
			f.add("store.listen_native", store.ListenNative+" is taken by store.listen", "give them different ports")
		}
	}
	if problem, advice := CheckMemory(store.Memory); problem != "" {
		f.add("store.memory", problem, advice)
	}
	if store.HangAfter < leastHang {
		f.add("store.hang_after", store.HangAfter.String()+" would kill an engine that is only busy", "write at least "+leastHang.String())
	}
	if _, err := store.ReadUsers(); err != nil {
		f.add("store.users_file", err.Error(), "name a file like the one in schema/README.md")
	}
}

func (f *findings) checkDSN(store *Store) {
	path, dsn := "store.dsn", store.DSN
	if store.DSNFile != "" {
		path = "store.dsn_file"
		if !store.DSN.IsZero() {
			f.add(path, "given beside store.dsn", "keep one of the two, the variable "+EnvName("store.dsn")+" included")
			return
		}
		var err error
		if dsn, err = store.ReadDSN(); err != nil {
			f.add(path, err.Error(), "name a file that kaisen may read and that holds the dsn")
			return
		}
	}
	switch _, err := splitDSN(dsn.Reveal()); {
	case strings.Contains(dsn.Reveal(), hidden):
		f.add(path, "holds "+hidden+", which stands for a password", "write the password, or set "+EnvName("store.dsn"))
	case err != nil:
		f.add(path, err.Error(), "write clickhouse://user:password@host:9000/database, or http:// or https:// with port 8123 or 8443")
	}
}

func (f *findings) retention(path string, kept Duration) {
	if kept != 0 && kept < Duration(day) {
		f.add(path, kept.String()+" is less than a day", "write at least 1d, or 0 to keep rows for ever")
	}
}

func (f *findings) present(path, value, advice string) {
	if value == "" {
		f.add(path, "empty", advice)
	}
}

func (f *findings) oneOf(path, value string, allowed ...string) {
	for _, one := range allowed {
		if value == one {
			return
		}
	}
	advice := "write " + strings.Join(allowed[:len(allowed)-1], ", ") + " or " + allowed[len(allowed)-1]
	if near := nearest(strings.ToLower(value), allowed); near != "" {
		advice = "did you mean " + near + "?"
	}
	f.add(path, "unknown value "+collector.Quote(value), advice)
}

// address checks host:port. No host means every address of the machine; port 0 a free port.
func (f *findings) address(path, value string) {
	host, port, err := net.SplitHostPort(value)
	if err != nil || !validPort(port) || host != "" && !validHost(value) {
		f.add(path, collector.Quote(value)+" is not an address to listen on", "write host:port, like 127.0.0.1:10842, or :10842 for every address of the machine")
	}
}

// readable checks a file that some other part reads; empty means none.
func (f *findings) readable(path, file string) {
	if file == "" {
		return
	}
	opened, err := os.Open(file)
	if err != nil {
		f.add(path, err.Error(), "name a file that kaisen may read")
		return
	}
	defer opened.Close()
	if info, err := opened.Stat(); err != nil || info.IsDir() {
		f.add(path, fmt.Sprintf("%s is a folder", file), "name a file")
	}
}

// sameAddress reports whether two listeners would be in each other's way. Port 0 never is.
func sameAddress(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || portA != portB || portA == "0" {
		return false
	}
	everywhere := func(host string) bool { return host == "" || host == "0.0.0.0" || host == "::" }
	return hostA == hostB || everywhere(hostA) || everywhere(hostB) || loopback(hostA) && loopback(hostB)
}
