// Package unom watches accounts of the Universal One Mobile API: what is asked when, and what the answers mean.
//
// The jobs of an account fill the tables of package schema:
//
//	lines            the inventory, call 02                        (inventory.go)
//	traffic          each line's figures, call 03                  (traffic.go, days)
//	data_share       the share group and its figures, calls 10, 09 (share.go)
//	session          whether each line is connected, call 26       (session.go, or by the session log: sessionlog.go)
//	authentications  the RADIUS log, call 04                       (logs)
//	sessions         the session log, call 05                      (logs)
//	contract         each contract's particulars, call 01          (contract.go)
//	products         what each contract can order, call 06         (contract.go)
//	orders           what it has ordered, calls 07, 08, 11, 30     (orders.go, orderbook.go)
//
// Below it are the client (api), which days figures are of (days), the reading of logs (logs), a first contact (probe), and the
// names of what the document leaves open (readings). None of them knows a Collector.
//
// It never asks the carrier to change anything.
package unom
