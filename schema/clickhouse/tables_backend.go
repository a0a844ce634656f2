package clickhouse

import "kaisen/schema"

func serviceOrderTable() table[schema.ServiceOrder] {
	return tagged[schema.ServiceOrder]("service_orders")
}

func serviceOrderDetailTable() table[schema.ServiceOrderDetail] {
	return tagged[schema.ServiceOrderDetail]("service_order_details")
}

func ipoeProductTable() table[schema.IPoEProduct] {
	return tagged[schema.IPoEProduct]("ipoe_products")
}

func ipoeSiteTable() table[schema.IPoESite] {
	return tagged[schema.IPoESite]("ipoe_sites")
}

func ipoeOrderTable() table[schema.IPoEOrder] {
	return tagged[schema.IPoEOrder]("ipoe_orders")
}
