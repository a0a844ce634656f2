package clickhouse_test

import (
	"math"
	"strings"
	"testing"

	"kaisen/schema"
)

// contractRows have in every column its name, so that two columns which are mixed up are found.
func contractRows() []schema.Contract {
	return []schema.Contract{
		{Source: key(1).Source, ContractID: "N123456789", DomainName: "domain_name", CustomerName: "customer_name", CustomerNameKana: "customer_name_kana",
			PostalNumber: "postal_number", Address: "address", AddressLine1: "address_line1", AddressLine2: "address_line2", AddressLine3: "address_line3",
			BuildingName1: "building_name1", BuildingName2: "building_name2", BuildingName3: "building_name3", Samakata: "samakata",
			TechPersonName: "tech_person_name", TechPhoneNumber: "tech_phone_number", TechFaxNumber: "tech_fax_number", TechMailAddress: "tech_mail_address",
			ContactDeptName: "contact_dept_name", ContactPersonName: "contact_person_name", ContactPhoneNumber: "contact_phone_number",
			ContactMailAddress: "contact_mail_address", BillingPostalNumber: "billing_postal_number", BillingAddress: "billing_address",
			BillingNameKana: "billing_name_kana", BillingPersonName: "billing_person_name", BillingPhoneNumber: "billing_phone_number", ObservedAt: at(10, 0)},
		{Source: key(1).Source, ContractID: "N123456780", CustomerName: odd, ObservedAt: at(10, 0)},
	}
}

func productRows() []schema.Product {
	return []schema.Product{
		{Source: key(1).Source, ContractID: "N123456789", ProductName: odd, CourseType: schema.CourseUnknown, ObservedAt: at(10, 0)},
		{Source: key(1).Source, ContractID: "N123456789", ProductCode: "T3001323", ProductName: "product_name", CourseTypeCode: "99", CourseType: schema.CourseSpare,
			Devices: []schema.ProductDevice{
				{Code: "device_code", Name: "device_name", ShortName: "device_short_name", Type: "device_type", SIMCode: "sim_type_code", SIMType: "sim_type", Access: "lte"},
				{}, {Name: odd}},
			Options: []schema.ProductOption{{Code: "option_code", Name: "option_name", Access: "3g"}, {}},
			Offered: true, ObservedAt: at(10, 0)},
	}
}

func orderRows() []schema.Order {
	day := schema.DateOf(at(0, 0))
	return []schema.Order{
		{Source: key(1).Source, ContractID: "N123456789", OrderID: "AGU1712080057782", Applied: schema.Some(day), Requested: schema.Some(day.AddDays(1)),
			Scheduled: schema.Some(day.AddDays(2)), StatusCode: "11", Status: schema.OrderCancelled, ErrorID: "error_id", ErrorText: odd,
			Cancel: schema.Some(schema.Cancellation{OrderID: "AGU1712090057903", StatusCode: "99", Status: schema.OrderUnknown, ErrorID: "cancel_error_id",
				ErrorText: "cancel_error_text", ReferenceErrorID: "cancel_reference_error_id", ReferenceErrorText: "cancel_reference_error_text"}),
			ToldBy: schema.ToldByCompletedOrders, Gone: true, FirstSeen: at(1, 0), StatusSince: at(2, 0), ObservedAt: at(10, 0)},
		{Source: key(1).Source, ContractID: "N123456789", OrderID: "AGU1712080057782", Number: math.MaxUint16, Status: schema.OrderUnknown,
			ToldBy: schema.ToldByOrder, FirstSeen: at(1, 0), StatusSince: at(1, 0), ObservedAt: at(10, 0)},
		{Source: key(1).Source, ContractID: "N123456789", OrderID: "AGU1712080057783", StatusCode: "16", Status: schema.OrderUnderWay,
			ToldBy: schema.ToldByOrders, FirstSeen: at(1, 0), StatusSince: at(1, 0), ObservedAt: at(10, 0)},
	}
}

// Contracts are for analysts alone: nothing of ours reads them back.
func TestContractsAreWhatWasInserted(t *testing.T) {
	db := migrated(t)
	if err := db.Insert(t.Context(), &schema.Batch{Contracts: contractRows()}); err != nil {
		t.Fatal(err)
	}
	names, values, _ := strings.Cut(query(t, db, "SELECT * EXCEPT (source, contract_id, observed_at) FROM contracts WHERE contract_id = 'N123456789' FORMAT TSVWithNames"), "\n")
	if names+"\n" != values || len(strings.Split(names, "\t")) != 25 {
		t.Errorf("columns\n%s\nhold\n%s", names, values)
	}
	if got := query(t, db, "SELECT contract_id, hex(customer_name), observed_at FROM contracts WHERE contract_id = 'N123456780'"); got != strings.ToUpper("N123456780\t"+hexOf(odd)+"\t2026-01-31 10:00:05.678\n") {
		t.Errorf("odd text: %s", got)
	}
}

// Every word of the vocabulary has its place in the tables' enumerations, and every call.
func TestOrdersTakeEveryStatus(t *testing.T) {
	db := migrated(t)
	var rows []schema.Order
	for _, status := range schema.OrderStatuses() {
		for _, by := range []schema.OrderCall{schema.ToldByOrders, schema.ToldByCompletedOrders, schema.ToldByOrder, schema.ToldByCancellation} {
			rows = append(rows, schema.Order{Source: "hq", ContractID: "N123456789", OrderID: string(status + "/" + schema.OrderStatus(by)), Status: status, ToldBy: by,
				Cancel: schema.Some(schema.Cancellation{Status: status}), FirstSeen: at(1, 0), StatusSince: at(1, 0), ObservedAt: at(10, 0)})
		}
	}
	if err := db.Insert(t.Context(), &schema.Batch{Orders: rows}); err != nil {
		t.Fatal(err)
	}
	if got := query(t, db, "SELECT count() FROM orders WHERE order_id = concat(status, '/', told_by) AND cancel_status = status"); got != itoa(len(rows))+"\n" {
		t.Errorf("%s rows, expected %d", got, len(rows))
	}
	var products []schema.Product
	for i, course := range []schema.CourseType{schema.CourseUnknown, schema.CourseZero, schema.CourseBasic, schema.CourseTraffic, schema.CourseIndividual, schema.CourseSpare} {
		products = append(products, schema.Product{Source: "hq", ProductCode: itoa(i), CourseType: course, ObservedAt: at(10, 0)})
	}
	if err := db.Insert(t.Context(), &schema.Batch{Products: products}); err != nil {
		t.Fatal(err)
	}
}
