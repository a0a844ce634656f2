package unom

import (
	"context"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// pollContract asks for a contract's particulars. Only the latest are kept: who was in charge last year is personal
// data that nobody asked for.
func (c *Collector) pollContract(ctx context.Context, sweep *collector.Sweep, contract string) error {
	key := schema.LineKey{Source: c.Source, ContractID: contract}
	answer, err := c.carrier.Contract(ctx, contract)
	if err != nil {
		return c.Failed(ctx, sweep, key, "contract", err)
	}
	return c.Write(ctx, sweep, schema.Batch{
		Contracts:   []schema.Contract{contractRow(key, answer)},
		DeadLetters: collector.DeadLetters(key, "contract", answer),
	})
}

// contractRow is an answer of call 01 as a row of table contracts.
func contractRow(key schema.LineKey, answer carrier.Answer[api.Contract]) schema.Contract {
	c := answer.Value
	return schema.Contract{
		Source: key.Source, ContractID: key.ContractID, DomainName: c.DomainName,
		CustomerName: c.CustomerName, CustomerNameKana: c.CustomerNameKana, PostalNumber: c.PostalNumber, Address: c.Address,
		AddressLine1: c.AddressLine1, AddressLine2: c.AddressLine2, AddressLine3: c.AddressLine3,
		BuildingName1: c.BuildingName1, BuildingName2: c.BuildingName2, BuildingName3: c.BuildingName3, Samakata: c.Samakata,
		TechPersonName: c.TechPersonName, TechPhoneNumber: c.TechPhoneNumber, TechFaxNumber: c.TechFaxNumber,
		TechMailAddress: c.TechMailAddress, ContactDeptName: c.ContactDeptName, ContactPersonName: c.ContactPersonName,
		ContactPhoneNumber: c.ContactPhoneNumber, ContactMailAddress: c.ContactMailAddress,
		BillingPostalNumber: c.BillingPostalNumber, BillingAddress: c.BillingAddress, BillingNameKana: c.BillingNameKana,
		BillingPersonName: c.BillingPersonName, BillingPhoneNumber: c.BillingPhoneNumber, ObservedAt: answer.ObservedAt,
	}
}

// catalogue is what a contract could ever order, as far as known.
type catalogue = collector.Catalogue[productID, schema.Product]

// productID identifies a product. The carrier may leave the code out; then there is the name.
type productID struct{ code, name string }

func newCatalogue() *catalogue {
	return collector.NewCatalogue(
		func(row *schema.Product) productID { return productID{row.ProductCode, row.ProductName} },
		func(row *schema.Product) *bool { return &row.Offered },
		func(row *schema.Product) *time.Time { return &row.ObservedAt }, nil)
}

// pollProducts asks what a contract can order, and marks what has left the list.
func (c *Collector) pollProducts(ctx context.Context, sweep *collector.Sweep, contract string) error {
	key := schema.LineKey{Source: c.Source, ContractID: contract}
	answer, err := c.carrier.Products(ctx, contract)
	if err != nil {
		return c.Failed(ctx, sweep, key, "products", err)
	}
	listed := make([]schema.Product, len(answer.Value))
	for i, told := range answer.Value {
		listed[i] = productRow(key, told)
		listed[i].ObservedAt = answer.ObservedAt
	}
	rows := schema.Batch{Products: c.products[contract].Compare(listed, carrier.LeftOut(answer.Warnings) == 0, answer.ObservedAt),
		DeadLetters: collector.DeadLetters(key, "products", answer)}
	if err := c.Write(ctx, sweep, rows); err != nil {
		return err
	}
	c.LogLoss(JobProducts, len(rows.Products)-len(listed), c.products[contract].Doubted(), "contract", contract)
	c.products[contract].Keep(rows.Products...)
	return nil
}

// productRow is a row of call 06 as a row of table products.
func productRow(key schema.LineKey, told api.Product) schema.Product {
	row := schema.Product{
		Source: key.Source, ContractID: key.ContractID, ProductCode: told.ProductCode, ProductName: told.ProductName,
		CourseTypeCode: string(told.CourseType), CourseType: courseType(told.CourseType), Offered: true,
	}
	for _, d := range told.Devices {
		row.Devices = append(row.Devices, schema.ProductDevice{
			Code: d.DeviceCode, Name: d.DeviceName, ShortName: d.DeviceShortName, Type: deviceType(d.DeviceType),
			SIMCode: string(d.SIMTypeCode), SIMType: d.SIMTypeName, Access: access(d.AccessType),
		})
	}
	for _, o := range told.Options {
		row.Options = append(row.Options, schema.ProductOption{
			Code: string(o.OptionCode), Name: o.OptionName, Access: access(o.AccessType)})
	}
	return row
}

func courseType(code api.CourseType) schema.CourseType {
	switch code {
	case api.CourseZero:
		return schema.CourseZero
	case api.CourseBasic:
		return schema.CourseBasic
	case api.CourseTraffic:
		return schema.CourseTraffic
	case api.CourseIndividual:
		return schema.CourseIndividual
	case api.CourseSpare:
		return schema.CourseSpare
	}
	return schema.CourseUnknown
}

// deviceType and access are words for the codes that the document lists; another code stays what it is.
func deviceType(code api.DeviceType) string {
	switch code {
	case api.DeviceSIMOnly:
		return "sim"
	case api.DeviceOnly:
		return "device"
	case api.DeviceAndSIM:
		return "device_and_sim"
	}
	return string(code)
}

// access is spelt as in column lines.access.
func access(code api.AccessCode) string {
	switch code {
	case api.Access3G:
		return "3g"
	case api.AccessLTE:
		return "lte"
	}
	return string(code)
}
