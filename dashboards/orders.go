package dashboards

// orders is what was ordered and what there is. It reads neither the contracts' people and addresses nor the carrier's
// raw answers: the role for Grafana may not.
func orders() dashboard {
	return dashboard{
		uid: uidOrders, title: "orders and inventory", store: clickhouse(), from: "now-30d", choices: orderChoices(),
		about: "Orders of all three APIs and how far they are; lines, plans and sites, and what changed about them.",
		rows: []row{
			{"Orders", []panel{ordersOpen(), ordersLongest(), ordersWrong(), ordersByStatus(), ordersOpenTable(), ordersDone()}},
			{"Lines", []panel{inventory(), plans(), changes(), left()}},
			{"Service orders and IPoE", []panel{constructions(), sites(), products()}},
		},
	}
}

// orderChoices also has the accounts that have no lines.
func orderChoices() []choice {
	choices := fleetChoices(clickhouse())
	choices[0].query = `SELECT DISTINCT source FROM sweeps ORDER BY source`
	return choices
}

// chosenSources is the condition for what belongs to an account but to none of its mobile contracts.
const chosenSources = `$__conditionalAll(source IN (${source:singlequote}), $source)`

// everyOrder is the orders of the three APIs alike: what is final, and what of that went wrong, differs.
const everyOrder = `(
    SELECT source, 'unom' AS api, contract_id, order_id AS order_no, toString(status) AS status, status_since, error_id AS error,
        status IN ('processed', 'rejected', 'system_error', 'cancelled', 'completed') AS final,
        status IN ('rejected', 'system_error') AS wrong
    FROM orders FINAL
    WHERE ` + chosenContracts + ` AND number = 0 AND NOT gone
    UNION ALL
    SELECT source, 'serviceorder', contract_id, order_request_num, toString(status), status_since, '', status = 'completed', 0
    FROM service_orders FINAL
    WHERE ` + chosenSources + ` AND listed
    UNION ALL
    SELECT source, 'ipoe', '', order_code, toString(status), status_since, arrayStringConcat(arrayFilter(m -> m != '', contract_error_messages), '; '),
        status IN ('completed', 'error', 'cancelled', 'error_in_part'), status IN ('error', 'error_in_part')
    FROM ipoe_orders FINAL
    WHERE ` + chosenSources + ` AND listed
)`

const noOrder = "No order of these accounts is known."

func ordersOpen() panel {
	return panel{
		kind: stat, title: "Open orders", unit: count, width: 4, height: 8, steps: plain(), empty: noOrder,
		about: "Orders that have not come to an end yet, of all three APIs.",
		asks:  one(`SELECT countIf(NOT final) AS open FROM ` + everyOrder),
	}
}

func ordersLongest() panel {
	return panel{
		kind: stat, title: "Longest without a move", unit: seconds, width: 4, height: 8, steps: high(3*86400, 7*86400), empty: "No order is open.",
		about: "For how long the open order that has stood still longest has been in its status.",
		asks: one(`SELECT max(dateDiff('second', status_since, now64(3))) AS age FROM ` + everyOrder + `
WHERE NOT final HAVING count() > 0`),
	}
}

func ordersWrong() panel {
	return panel{
		kind: stat, title: "Went wrong", unit: count, width: 4, height: 8, steps: unwanted("red"), empty: noOrder,
		about: "Orders that the carrier rejected or that ended in an error, in the chosen time.",
		asks:  one(`SELECT countIf(wrong AND $__timeFilter(status_since)) AS wrong FROM ` + everyOrder),
	}
}

func ordersByStatus() panel {
	return panel{
		kind: table, title: "By status", unit: word, width: 12, height: 8, empty: noOrder,
		about: "How many orders are in each status, by API, and since when the first of them is.",
		asks: one(`SELECT api, status, count() AS orders, min(status_since) AS since FROM ` + everyOrder + `
GROUP BY api, status ORDER BY api, orders DESC`),
		columns: []column{
			{name: "api", title: "API", unit: word},
			{name: "status", title: "Status", unit: word},
			{name: "orders", title: "Orders", unit: count},
			{name: "since", title: "First since", unit: moment},
		},
	}
}

// orderColumns are of a table of orders, since being the title of when the status began.
func orderColumns(since string) []column {
	return []column{
		{name: "order_no", title: "Order", unit: word, width: 180},
		{name: "api", title: "API", unit: word, width: 110},
		{name: "contract_id", title: "Contract", unit: word, width: 120},
		{name: "status", title: "Status", unit: word},
		{name: "status_since", title: since, unit: moments, width: 120},
		{name: "error", title: "What is wrong", unit: word},
		sourceColumn(),
	}
}

func ordersOpenTable() panel {
	return panel{
		kind: table, title: "Open orders", unit: word, width: 12, height: 10,
		empty: "No order is open.",
		about: "Orders that have not come to an end, those first that have stood still longest.",
		asks: one(`SELECT order_no, api, contract_id, status, status_since, error, source FROM ` + everyOrder + `
WHERE NOT final ORDER BY status_since LIMIT 200`),
		columns: orderColumns("Since"),
	}
}

func ordersDone() panel {
	return panel{
		kind: table, title: "Came to an end", unit: word, width: 12, height: 10,
		empty: "No order came to its end in this time.",
		about: "Orders that came to an end in the chosen time, the newest first.",
		asks: one(`SELECT order_no, api, contract_id, status, status_since, error, source FROM ` + everyOrder + `
WHERE final AND $__timeFilter(status_since) ORDER BY status_since DESC LIMIT 200`),
		columns: orderColumns("Ended"),
	}
}
