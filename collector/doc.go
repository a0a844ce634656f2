// Package collector is the sweep: which question is put to the carrier when, and what its answers mean.
//
// One Unom watches one account of the Universal One Mobile API. Its jobs fill the tables of package schema:
//
//	lines            the inventory, call 02                        (inventory.go)
//	traffic          each line's figures, call 03                  (traffic.go, days.go)
//	data_share       the share group and its figures, calls 10, 09 (share.go)
//	session          whether each line is connected, call 26       (session.go)
//	authentications  the RADIUS log, call 04                       (logs.go, window.go)
//	sessions         the session log, call 05                      (logs.go, window.go)
//
// It never decides how fast it may ask: every request waits in the budget of package carrier. It never writes to a
// database: rows go to a Sink. It never asks the carrier to change anything.
package collector
