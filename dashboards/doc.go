// Package dashboards describes the Grafana dashboards of kaisen and writes them as the JSON that Grafana loads.
//
// The JSON files beside it are what is installed; they are written from here, because eight of them by hand repeat the
// same twenty lines for each panel and drift apart. To change a dashboard, change its function (fleet.go, line.go, …)
// and run
//
//	go generate ./dashboards
//
// The tests of the package say whether files and functions agree, and run every query of every panel on a real
// ClickHouse and a real Prometheus that have watched a simulated carrier.
//
// No program imports it, and it talks to no Grafana: a dashboard that was changed there is not read back.
package dashboards

//go:generate go test -run ^TestFilesAreWritten$ -update .
