package ipoe

import (
	"context"
	"strconv"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// productID identifies a product of a customer.
type productID struct{ code, id string }

// catalogue is what the customer could ever buy, as far as known.
type catalogue = collector.Catalogue[productID, schema.IPoEProduct]

func newCatalogue() *catalogue {
	return collector.NewCatalogue(
		func(row *schema.IPoEProduct) productID { return productID{row.ProductCode, row.CustomerProductID} },
		func(row *schema.IPoEProduct) *bool { return &row.Listed },
		func(row *schema.IPoEProduct) *time.Time { return &row.ObservedAt }, nil)
}

// readProducts reads what the customer may buy, and marks what has left the list.
func (c *Collector) readProducts(ctx context.Context, sweep *collector.Sweep) error {
	answer, err := c.carrier.AllProducts(ctx, api.ProductsRequest{})
	key := schema.LineKey{Source: c.Source}
	if err != nil && !api.IsPartial(err) {
		return c.Failed(ctx, sweep, key, JobProducts, err)
	}
	listed := make([]schema.IPoEProduct, len(answer.Value))
	for i, told := range answer.Value {
		listed[i] = productRow(c.Source, told, answer.ObservedAt)
	}
	whole, unmet := err == nil && carrier.LeftOut(answer.Warnings) == 0, c.products.Unmet(listed)
	rows := schema.Batch{IPoEProducts: c.products.Compare(listed, whole, answer.ObservedAt),
		DeadLetters: collector.DeadLetters(key, JobProducts, answer)}
	stored := c.Write(ctx, sweep, rows)
	if stored == nil {
		c.LogLoss(JobProducts, len(rows.IPoEProducts)-len(listed), c.products.Doubted())
		c.products.Keep(rows.IPoEProducts...)
	}
	return c.partly(ctx, sweep, JobProducts, err, unmet, stored)
}

// productRow is a product as a row of table ipoe_products.
func productRow(source string, told api.Product, at time.Time) schema.IPoEProduct {
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
