// Package collector is the engine of the sweep: when which job runs, and what is said of how it went.
//
// A Kind is one of the carrier's APIs. It brings jobs, configuration keys, operations of kaisen api and gauges, and makes
// a Collector for each account, which embeds an Engine and leaves running its jobs to it (run.go, schedule.go). What a
// job asks, and what the answers mean, is in the folder of its API: unom, serviceorder, ipoe.
//
// It never decides how fast it may ask: every request waits in the budget of package carrier. It never writes to a
// database: rows go to a Sink. It knows no API.
package collector
