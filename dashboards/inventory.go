package dashboards

// The lines, plans, sites and products on the dashboard of orders.

const noLine = "No line of these contracts is in the inventory."

func inventory() panel {
	return panel{
		kind: table, title: "Lines by contract", unit: word, width: 12, empty: noLine,
		about: "Lines of each contract. Not found: the carrier answers 404. Left: no longer in its list. That list ends at 1,000 lines; close to it, some may be missing.",
		asks: one(`SELECT contract_id, countIf(state = 'active') AS active, countIf(state = 'not_found') AS not_found, countIf(state = 'removed') AS removed,
    countIf(state = 'active' AND origin = 'list') / 1000 AS of_list, max(last_seen) AS seen, source
FROM lines FINAL
WHERE ` + chosenContracts + `
GROUP BY source, contract_id ORDER BY active DESC`),
		columns: []column{
			contractColumn(uidCap),
			{name: "active", title: "Active", unit: count},
			{name: "not_found", title: "Not found", unit: count, steps: unwanted("orange")},
			{name: "removed", title: "Left", unit: count},
			{name: "of_list", title: "Of the list's 1,000", unit: ratio, bar: true, steps: high(0.9, 1)},
			{name: "seen", title: "As of", unit: moments, width: 120},
			sourceColumn(),
		},
	}
}

func plans() panel {
	return panel{
		kind: table, title: "Lines by plan", unit: word, width: 12, empty: noLine,
		about: "Active lines of each plan by its name in the contract's products, how many of them are LTE, in a share group, and new in the chosen time.",
		asks: one(`SELECT plan_code, any(p.product_name) AS name, count() AS lines, countIf(access = 'lte') AS lte,
    countIf(data_share IN ('registered', 'removal_reserved')) AS sharing, countIf($__timeFilter(first_seen)) AS added
FROM (SELECT plan_code, access, data_share, first_seen FROM lines FINAL WHERE ` + chosenContracts + ` AND state = 'active') AS l
LEFT JOIN (SELECT DISTINCT product_code, product_name FROM products FINAL WHERE ` + chosenContracts + `) AS p ON p.product_code = l.plan_code
GROUP BY plan_code ORDER BY lines DESC LIMIT 100`),
		columns: []column{
			{name: "plan_code", title: "Plan", unit: word, width: 110},
			{name: "name", title: "Name", unit: word},
			{name: "lines", title: "Lines", unit: count, width: 80},
			{name: "lte", title: "LTE", unit: count, width: 80},
			{name: "sharing", title: "Sharing", unit: count, width: 80},
			{name: "added", title: "New to kaisen", unit: count, width: 120},
		},
	}
}

func changes() panel {
	return panel{
		kind: table, title: "Changes", unit: word, width: 12, height: 10,
		empty: "Nothing about any line changed in this time.",
		about: "What changed about lines in the chosen time, the newest first: SIM, device, plan, options, place in the share group. Table line_changes.",
		asks: one(`SELECT line_no, name, contract_id, observed_at, field, old, new, source
FROM (SELECT source, contract_id, line_no, observed_at, field, old_shown AS old, new_shown AS new FROM line_changes FINAL
    WHERE ` + chosenContracts + ` AND $__timeFilter(observed_at) ORDER BY observed_at DESC LIMIT 200) AS c
` + joinNames + `
ORDER BY observed_at DESC`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidOrders),
			{name: "observed_at", title: "Seen", unit: moments, width: 120},
			{name: "field", title: "What", unit: word, width: 120},
			{name: "old", title: "Before", unit: word},
			{name: "new", title: "Now", unit: word},
			sourceColumn(),
		},
	}
}

func left() panel {
	return panel{
		kind: table, title: "Lines that are no more", unit: word, width: 12, height: 10,
		empty: "Every line that kaisen knows is active.",
		about: "Lines that the carrier does not find (404) or no longer lists, the last to go first. Click a line for its past.",
		asks: one(`SELECT line_no, name, contract_id, toString(state) AS state, last_seen, plan_code, source
FROM (SELECT source, contract_id, line_no, state, last_seen, plan_code FROM lines FINAL WHERE ` + chosenContracts + ` AND state != 'active' ORDER BY last_seen DESC LIMIT 200) AS l
` + joinNames + `
ORDER BY last_seen DESC`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidOrders),
			{name: "state", title: "State", unit: word},
			{name: "last_seen", title: "Last listed", unit: moments},
			{name: "plan_code", title: "Plan", unit: word},
			sourceColumn(),
		},
	}
}

func constructions() panel {
	return panel{
		kind: table, title: "Service orders by service", unit: word, width: 8,
		empty: "No service order is known. This needs an account of kind serviceorder.",
		about: "Orders of each service by status, and the next day on which one is to be provided: table service_orders.",
		asks: one(`SELECT service, toString(status) AS status, count() AS orders, toString(minIf(offer_plan_date, offer_plan_date >= toDate(now('Asia/Tokyo')))) AS next
FROM service_orders FINAL
WHERE ` + chosenSources + ` AND listed
GROUP BY service, status ORDER BY service, status`),
		columns: []column{
			{name: "service", title: "Service", unit: word},
			{name: "status", title: "Status", unit: word},
			{name: "orders", title: "Orders", unit: count, width: 80},
			{name: "next", title: "Next", unit: word, width: 110},
		},
	}
}

func sites() panel {
	return panel{
		kind: table, title: "IPoE sites by product", unit: word, width: 8,
		empty: "No IPoE site is known. This needs an account of kind ipoe.",
		about: "Sites in use by the products that they have; a site with two products counts in both. Table ipoe_sites.",
		asks: one(`SELECT product, count() AS sites, countIf(status = 'in_use') AS in_use, countIf(line_bundle_type = '2') AS carriers_line
FROM ipoe_sites FINAL ARRAY JOIN contract_product_names AS product
WHERE ` + chosenSources + ` AND listed
GROUP BY product ORDER BY sites DESC LIMIT 50`),
		columns: []column{
			{name: "product", title: "Product", unit: word},
			{name: "sites", title: "Sites", unit: count, width: 70},
			{name: "in_use", title: "In use", unit: count, width: 70},
			{name: "carriers_line", title: "Line by the carrier", unit: count, width: 140},
		},
	}
}

func products() panel {
	return panel{
		kind: table, title: "What can be ordered", unit: word, width: 8,
		empty: "No product is known. Is the job products switched off?",
		about: "What each contract can order, and how many devices and options come with it: table products.",
		asks: one(`SELECT contract_id, product_code, product_name, length(device_codes) AS devices, length(option_codes) AS options
FROM products FINAL
WHERE ` + chosenContracts + ` AND offered
ORDER BY contract_id, product_code LIMIT 200`),
		columns: []column{
			{name: "contract_id", title: "Contract", unit: word, width: 110},
			{name: "product_code", title: "Code", unit: word, width: 100},
			{name: "product_name", title: "Name", unit: word},
			{name: "devices", title: "Devices", unit: count, width: 70},
			{name: "options", title: "Options", unit: count, width: 70},
		},
	}
}
