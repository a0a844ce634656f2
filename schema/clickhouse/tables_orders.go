package clickhouse

import (
	"time"

	"kaisen/schema"
)

func contractTable() table[schema.Contract] {
	type row = schema.Contract
	return table[row]{"contracts", []column[row]{
		text("source", func(r *row) string { return r.Source }),
		text("contract_id", func(r *row) string { return r.ContractID }),
		text("domain_name", func(r *row) string { return r.DomainName }),
		text("customer_name", func(r *row) string { return r.CustomerName }),
		text("customer_name_kana", func(r *row) string { return r.CustomerNameKana }),
		text("postal_number", func(r *row) string { return r.PostalNumber }),
		text("address", func(r *row) string { return r.Address }),
		text("address_line1", func(r *row) string { return r.AddressLine1 }),
		text("address_line2", func(r *row) string { return r.AddressLine2 }),
		text("address_line3", func(r *row) string { return r.AddressLine3 }),
		text("building_name1", func(r *row) string { return r.BuildingName1 }),
		text("building_name2", func(r *row) string { return r.BuildingName2 }),
		text("building_name3", func(r *row) string { return r.BuildingName3 }),
		text("samakata", func(r *row) string { return r.Samakata }),
		text("tech_person_name", func(r *row) string { return r.TechPersonName }),
		text("tech_phone_number", func(r *row) string { return r.TechPhoneNumber }),
		text("tech_fax_number", func(r *row) string { return r.TechFaxNumber }),
		text("tech_mail_address", func(r *row) string { return r.TechMailAddress }),
		text("contact_dept_name", func(r *row) string { return r.ContactDeptName }),
		text("contact_person_name", func(r *row) string { return r.ContactPersonName }),
		text("contact_phone_number", func(r *row) string { return r.ContactPhoneNumber }),
		text("contact_mail_address", func(r *row) string { return r.ContactMailAddress }),
		text("billing_postal_number", func(r *row) string { return r.BillingPostalNumber }),
		text("billing_address", func(r *row) string { return r.BillingAddress }),
		text("billing_name_kana", func(r *row) string { return r.BillingNameKana }),
		text("billing_person_name", func(r *row) string { return r.BillingPersonName }),
		text("billing_phone_number", func(r *row) string { return r.BillingPhoneNumber }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	}}
}

func productTable() table[schema.Product] {
	type row = schema.Product
	device := func(name string, of func(*schema.ProductDevice) string) column[row] {
		return texts(name, func(r *row) []string { return each(r.Devices, of) })
	}
	option := func(name string, of func(*schema.ProductOption) string) column[row] {
		return texts(name, func(r *row) []string { return each(r.Options, of) })
	}
	return table[row]{"products", []column[row]{
		text("source", func(r *row) string { return r.Source }),
		text("contract_id", func(r *row) string { return r.ContractID }),
		text("product_code", func(r *row) string { return r.ProductCode }),
		text("product_name", func(r *row) string { return r.ProductName }),
		text("course_type_code", func(r *row) string { return r.CourseTypeCode }),
		text("course_type", func(r *row) schema.CourseType { return r.CourseType }),
		device("device_codes", func(d *schema.ProductDevice) string { return d.Code }),
		device("device_names", func(d *schema.ProductDevice) string { return d.Name }),
		device("device_short_names", func(d *schema.ProductDevice) string { return d.ShortName }),
		device("device_types", func(d *schema.ProductDevice) string { return d.Type }),
		device("sim_type_codes", func(d *schema.ProductDevice) string { return d.SIMCode }),
		device("sim_types", func(d *schema.ProductDevice) string { return d.SIMType }),
		device("device_access", func(d *schema.ProductDevice) string { return d.Access }),
		option("option_codes", func(o *schema.ProductOption) string { return o.Code }),
		option("option_names", func(o *schema.ProductOption) string { return o.Name }),
		option("option_access", func(o *schema.ProductOption) string { return o.Access }),
		boolean("offered", func(r *row) bool { return r.Offered }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	}}
}

// each is one field of all the things in a list: one of several parallel columns.
func each[V any](list []V, of func(*V) string) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = of(&list[i])
	}
	return out
}

func orderTable() table[schema.Order] {
	type row = schema.Order
	return table[row]{"orders", []column[row]{
		text("source", func(r *row) string { return r.Source }),
		text("contract_id", func(r *row) string { return r.ContractID }),
		text("order_id", func(r *row) string { return r.OrderID }),
		number("number", func(r *row) uint16 { return r.Number }),
		optionalDay("applied", func(r *row) *schema.Opt[schema.Date] { return &r.Applied }),
		optionalDay("requested", func(r *row) *schema.Opt[schema.Date] { return &r.Requested }),
		optionalDay("scheduled", func(r *row) *schema.Opt[schema.Date] { return &r.Scheduled }),
		text("status_code", func(r *row) string { return r.StatusCode }),
		text("status", func(r *row) schema.OrderStatus { return r.Status }),
		text("error_id", func(r *row) string { return r.ErrorID }),
		text("error_text", func(r *row) string { return r.ErrorText }),
		text("cancel_order_id", func(r *row) string { return r.Cancel.V.OrderID }),
		text("cancel_status_code", func(r *row) string { return r.Cancel.V.StatusCode }),
		text("cancel_status", func(r *row) schema.OrderStatus {
			if !r.Cancel.Known {
				return noCancel
			}
			return r.Cancel.V.Status
		}),
		text("cancel_error_id", func(r *row) string { return r.Cancel.V.ErrorID }),
		text("cancel_error_text", func(r *row) string { return r.Cancel.V.ErrorText }),
		text("cancel_reference_error_id", func(r *row) string { return r.Cancel.V.ReferenceErrorID }),
		text("cancel_reference_error_text", func(r *row) string { return r.Cancel.V.ReferenceErrorText }),
		text("told_by", func(r *row) schema.OrderCall { return r.ToldBy }),
		boolean("gone", func(r *row) bool { return r.Gone }),
		moment("first_seen", func(r *row) time.Time { return r.FirstSeen }),
		moment("status_since", func(r *row) time.Time { return r.StatusSince }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	}}
}

// noCancel is what the column orders.cancel_status says of an order of whose cancellation nothing is known.
const noCancel schema.OrderStatus = "none"
