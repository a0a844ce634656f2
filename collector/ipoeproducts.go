package collector

import (
	"context"
	"strconv"
	"time"

	ipoe "kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// goodsID tells the products of a customer apart.
type goodsID struct{ code, id string }

func idOfGoods(row schema.IPoEProduct) goodsID {
	return goodsID{row.ProductCode, row.CustomerProductID}
}

// readProducts reads what the customer may buy, and marks what has left the list.
func (i *IPoE) readProducts(ctx context.Context, p *pass) error {
	answer, err := i.carrier.AllProducts(ctx, ipoe.ProductsRequest{})
	key := schema.LineKey{Source: i.source}
	if err != nil {
		return i.failed(ctx, p, key, JobCustomerProducts, err)
	}
	rows := schema.Batch{DeadLetters: lettersOf(key, JobCustomerProducts, answer)}
	listed := make(map[goodsID]bool)
	for _, told := range answer.Value {
		row := goodsRow(i.source, told, answer.ObservedAt)
		listed[idOfGoods(row)] = true
		rows.IPoEProducts = append(rows.IPoEProducts, row)
	}
	for id, row := range i.goods {
		if row.Listed && !listed[id] {
			row.Listed, row.ObservedAt = false, answer.ObservedAt
			rows.IPoEProducts = append(rows.IPoEProducts, row)
		}
	}
	if err := i.write(ctx, p, rows); err != nil {
		return err
	}
	for _, row := range rows.IPoEProducts {
		i.goods[idOfGoods(row)] = row
	}
	return nil
}

// goodsRow is a product as a row of table ipoe_products.
func goodsRow(source string, told ipoe.Product, at time.Time) schema.IPoEProduct {
	row := schema.IPoEProduct{
		Source: source, ProductCode: told.ProductCode, CustomerCode: told.CustomerCode, ProductName: told.ProductName,
		ProductType: string(told.ProductType), ShortestPeriod: amount(told.ShortestPeriod), PurchasePrice: amount(told.PurchasePrice),
		MonthlyPrice: amount(told.MonthlyPrice), MeasuredPrice: amount(told.MeasuredPrice), Listed: true, ObservedAt: at,
	}
	if told.CustomerProductID != nil {
		row.CustomerProductID = strconv.FormatInt(*told.CustomerProductID, 10)
	}
	if d := told.Detail; d != nil {
		row.Service, row.Course, row.Plan = string(d.Service), string(d.Course), string(d.Plan)
		row.IPAddress, row.CPE, row.Line = string(d.IPAddress), string(d.CPE), string(d.Line)
	}
	for _, needed := range told.ProductDependencies {
		row.Dependencies = append(row.Dependencies, needed.ProductCode)
	}
	return row
}

// amount is a number that cannot be negative; one that is all the same is not known.
func amount(n *int64) schema.Opt[uint64] {
	if n == nil || *n < 0 {
		return schema.Opt[uint64]{}
	}
	return schema.Some(uint64(*n))
}
