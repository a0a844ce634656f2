package collector

import (
	"context"

	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

// catalogue is what a contract could ever order, as far as known.
type catalogue map[productID]schema.Product

// productID tells products apart. The carrier may leave the code out; then there is the name.
type productID struct{ code, name string }

func idOf(p schema.Product) productID { return productID{p.ProductCode, p.ProductName} }

// pollProducts asks what a contract can order, and marks what has left the list.
func (u *Unom) pollProducts(ctx context.Context, p *pass, contract string) error {
	key := schema.LineKey{Source: u.cfg.Source, ContractID: contract}
	answer, err := u.carrier.Products(ctx, contract)
	if err != nil {
		return u.failed(ctx, p, key, "products", err)
	}
	rows := schema.Batch{DeadLetters: lettersOf(key, "products", answer)}
	listed := make(catalogue, len(answer.Value))
	for _, told := range answer.Value {
		row := productRow(key, told)
		row.ObservedAt = answer.ObservedAt
		listed[idOf(row)] = row
		rows.Products = append(rows.Products, row)
	}
	known := u.products[contract]
	for id, row := range known {
		if _, is := listed[id]; !is && row.Offered {
			row.Offered, row.ObservedAt = false, answer.ObservedAt
			rows.Products = append(rows.Products, row)
		}
	}
	if err := u.write(ctx, p, rows); err != nil {
		return err
	}
	for _, row := range rows.Products {
		known[idOf(row)] = row
	}
	return nil
}

// productRow is a row of call 06 as a row of table products.
func productRow(key schema.LineKey, told unom.Product) schema.Product {
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

func courseType(code unom.CourseType) schema.CourseType {
	switch code {
	case unom.CourseZero:
		return schema.CourseZero
	case unom.CourseBasic:
		return schema.CourseBasic
	case unom.CourseTraffic:
		return schema.CourseTraffic
	case unom.CourseIndividual:
		return schema.CourseIndividual
	case unom.CourseSpare:
		return schema.CourseSpare
	}
	return schema.CourseUnknown
}

// deviceType and access are words for the codes that the document lists; another code stays what it is.
func deviceType(code unom.DeviceType) string {
	switch code {
	case unom.DeviceSIMOnly:
		return "sim"
	case unom.DeviceOnly:
		return "device"
	case unom.DeviceAndSIM:
		return "device_and_sim"
	}
	return string(code)
}

// access is spelt as in column lines.access.
func access(code unom.AccessCode) string {
	switch code {
	case unom.Access3G:
		return "3g"
	case unom.AccessLTE:
		return "lte"
	}
	return string(code)
}
