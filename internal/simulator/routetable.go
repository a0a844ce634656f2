package simulator

import "net/http"

// The names of the operations, in statistics and in fault lists: those of kaisen_api_requests_total.
const (
	opToken               = "token"
	opContract            = "contract"               // 01
	opLines               = "lines"                  // 02
	opTraffic             = "traffic"                // 03
	opAuthentications     = "authentications"        // 04
	opSessions            = "sessions"               // 05
	opProducts            = "products"               // 06
	opOrders              = "orders"                 // 07
	opCompletedOrders     = "completed_orders"       // 08
	opDataShareTraffic    = "data_share_traffic"     // 09
	opDataShare           = "data_share"             // 10
	opOrder               = "order"                  // 11
	opCancellation        = "cancellation"           // 30
	opAddLine             = "add_line"               // 12
	opRemoveLine          = "remove_line"            // 13
	opBuyDevices          = "buy_devices"            // 14
	opChangeCourse        = "change_course"          // 15
	opChangeAuth          = "change_auth"            // 16
	opChangeAddresses     = "change_addresses"       // 17
	opChangeIMEI          = "change_imei"            // 18
	opSetRoaming          = "set_roaming"            // 20
	opRemoveRoaming       = "remove_roaming"         // 21
	opAddToDataShare      = "add_to_data_share"      // 22
	opRemoveFromDataShare = "remove_from_data_share" // 23
	opAddDataVolume       = "add_data_volume"        // 24
	opChangeAccess        = "change_access"          // 25
	opSession             = "session"                // 26
	opDisconnect          = "disconnect"             // 27
	opCancelOrder         = "cancel_order"           // 28
	opCancelReservation   = "cancel_reservation"     // 29
	opServiceOrders       = "service_orders"
	opServiceOrderDetails = "service_order_details"
	opCustomerProducts    = "customer_products"
	opCustomerSites       = "customer_sites"
	opCustomerSite        = "customer_site_details"
	opCreateIPoEOrder     = "ipoe_order_create"
	opIPoEOrders          = "ipoe_orders"
	opIPoEOrder           = "ipoe_order_details"
	opUnknown             = "unknown" // no such URL
)

// readRoutes are the calls of UNO Mobile API v2.1 that change nothing.
func readRoutes() []route {
	get := func(operation, address string, answer func(*Carrier, *request) answer, query ...string) route {
		return route{operation: operation, method: http.MethodGet, path: path(unomBase + address), query: query, answer: answer}
	}
	byStatus := func(r route, status string) route {
		r.query, r.status = []string{"status"}, status
		return r
	}
	ignoringBody := func(r route) route {
		r.body = bodyIgnored
		return r
	}
	logKeys := []string{"startTime", "endTime", "authSearchKey", "lineNoSearchKey"}
	return []route{
		get(opContract, "", (*Carrier).contractCall),
		ignoringBody(get(opLines, "/lines", (*Carrier).linesCall)),
		get(opTraffic, "/lines/{lineNo}/traffic", (*Carrier).trafficCall),
		get(opAuthentications, "/authentications", (*Carrier).authenticationsCall, logKeys...),
		get(opSessions, "/sessions", (*Carrier).sessionsCall, logKeys...),
		get(opProducts, "/products", (*Carrier).productsCall),
		byStatus(get(opOrders, "/orders", (*Carrier).ordersCall), "accepting"),
		byStatus(get(opCompletedOrders, "/orders", (*Carrier).completedOrdersCall), "complete"),
		get(opDataShareTraffic, "/lines/{lineNo}/dataShare/traffic", (*Carrier).dataShareTrafficCall),
		get(opDataShare, "/dataShare", (*Carrier).dataShareCall),
		byStatus(get(opOrder, "/orders/{orderId}", (*Carrier).orderCall), "asyncAccepting"),
		byStatus(get(opCancellation, "/orders/{orderId}", (*Carrier).cancellationCall), "asyncCancelAccepting"),
		get(opSession, "/lines/{lineNo}/session", (*Carrier).sessionCall),
	}
}

// changeRoutes are the calls of UNO Mobile API v2.1 that change something. Those with DELETE have their arguments in the URL.
func changeRoutes() []route {
	change := func(operation, method, address string, answer func(*Carrier, *request) answer) route {
		return route{
			operation: operation, method: method, path: path(unomBase + address), body: bodyForm, changes: true, answer: answer,
		}
	}
	remove := func(operation, address string, answer func(*Carrier, *request) answer, query ...string) route {
		r := change(operation, http.MethodDelete, address, answer)
		r.body, r.query = bodyNone, append(query, "agreement")
		return r
	}
	return []route{
		change(opAddLine, http.MethodPost, "/lines", (*Carrier).addLineCall),
		remove(opRemoveLine, "/lines/{lineNo}", (*Carrier).removeLineCall, "requestDate"),
		change(opBuyDevices, http.MethodPost, "/devices", (*Carrier).buyDevicesCall),
		change(opChangeCourse, http.MethodPut, "/lines/{lineNo}/courses", (*Carrier).courseCall),
		change(opChangeAuth, http.MethodPut, "/lines/{lineNo}/radiusAuth", (*Carrier).authCall),
		change(opChangeAddresses, http.MethodPut, "/lines/{lineNo}/ipAddresses", (*Carrier).addressesCall),
		change(opChangeIMEI, http.MethodPut, "/lines/{lineNo}/imei", (*Carrier).imeiCall),
		change(opSetRoaming, http.MethodPut, "/lines/{lineNo}/roaming", (*Carrier).setRoamingCall),
		change(opSetRoaming, http.MethodPost, "/lines/{lineNo}/roaming", (*Carrier).setRoamingCall), // the list of changes has POST
		remove(opRemoveRoaming, "/lines/{lineNo}/roaming", (*Carrier).removeRoamingCall),
		change(opAddToDataShare, http.MethodPost, "/dataShare", (*Carrier).joinCall),
		remove(opRemoveFromDataShare, "/dataShare/lines/{lineNo}", (*Carrier).leaveCall),
		change(opAddDataVolume, http.MethodPost, "/lines/{lineNo}/dataVolume", (*Carrier).volumeCall),
		change(opChangeAccess, http.MethodPut, "/lines/{lineNo}/accessTypes", (*Carrier).accessCall),
		remove(opDisconnect, "/lines/{lineNo}/session", (*Carrier).disconnectCall),
		remove(opCancelOrder, "/orders/{orderId}", (*Carrier).cancelOrderCall),
		remove(opCancelReservation, "/dataShare/reserves/{reserveId}", (*Carrier).cancelReservationCall),
	}
}

// otherRoutes are the calls of the Service Order and IPoE APIs. The token call is none of them: it asks for no token.
func otherRoutes() []route {
	call := func(api api, operation, method, address string, answer func(*Carrier, *request) answer, query ...string) route {
		return route{operation: operation, api: api, method: method, path: path(address), query: query, answer: answer}
	}
	create := call(apiIPoE, opCreateIPoEOrder, http.MethodPost, ipoeBase+"orders", (*Carrier).createIPoEOrderCall)
	create.body, create.changes = bodyForm, true
	return []route{
		call(apiService, opServiceOrders, http.MethodGet, serviceBase+"service-orders", (*Carrier).serviceOrdersCall, "serviceName"),
		call(apiService, opServiceOrderDetails, http.MethodGet, serviceBase+"service-order-details", (*Carrier).serviceDetailsCall,
			"webentry_id", "n_no", "v_no", "data_update_date_from", "data_update_date_to"),
		call(apiIPoE, opCustomerProducts, http.MethodGet, ipoeBase+"customerProducts", (*Carrier).customerProductsCall,
			"limit", "offset", "productName"),
		call(apiIPoE, opCustomerSites, http.MethodGet, ipoeBase+"customerSites", (*Carrier).customerSitesCall,
			"caseName", "cpeModelName", "customerName", "customerSiteCode", "customerSiteName", "customerType", "endAtFrom",
			"endAtTo", "globalIp", "limit", "lineId", "offset", "startAtFrom", "startAtTo", "status"),
		call(apiIPoE, opCustomerSite, http.MethodGet, ipoeBase+"customerSites/{customerSiteCode}", (*Carrier).customerSiteCall),
		create,
		call(apiIPoE, opIPoEOrders, http.MethodGet, ipoeBase+"orders", (*Carrier).ipoeOrdersCall,
			"caseName", "customerSiteCode", "customerSiteName", "hopeToEndAtFrom", "hopeToEndAtTo", "hopeToStartAtFrom",
			"hopeToStartAtTo", "limit", "lineId", "offset", "orderCode", "orderType", "productName", "status"),
		call(apiIPoE, opIPoEOrder, http.MethodGet, ipoeBase+"orders/{orderCode}", (*Carrier).ipoeOrderCall),
	}
}
