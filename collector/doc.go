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
//	contract         each contract's particulars, call 01          (contract.go)
//	products         what each contract can order, call 06         (products.go)
//	orders           what it has ordered, calls 07, 08, 11, 30     (orders.go, orderbook.go)
//
// One ServiceOrder watches one account of the Service Order API:
//
//	service_orders         the orders of each service               (serviceorders.go)
//	service_order_details  what was updated, in the carrier's hours (servicedetails.go)
//
// One IPoE watches one account of the IPoE backend API:
//
//	customer_products      what can be bought                       (ipoeproducts.go)
//	customer_sites         the list of sites                        (ipoesites.go)
//	customer_site_details  each site by itself                      (ipoesites.go)
//	ipoe_orders            the orders, and how their products go    (ipoeorders.go)
//
// What the three have in common, running jobs and telling how they went, is the sweeper's (sweeper.go, pass.go,
// schedule.go).
//
// It never decides how fast it may ask: every request waits in the budget of package carrier. It never writes to a
// database: rows go to a Sink. It never asks the carrier to change anything.
package collector
