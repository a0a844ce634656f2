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
