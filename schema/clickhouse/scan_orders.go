package clickhouse

import (
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"kaisen/schema"
)

// product scans a product; its devices and options come as parallel columns.
func (n names) product(rows driver.Rows, r *schema.Product) error {
	var codes, names, short, types, simCodes, sims, access []string
	var optionCodes, optionNames, optionAccess []string
	err := rows.Scan(&r.Source, &r.ContractID, &r.ProductCode, &r.ProductName, &r.CourseTypeCode, word(&r.CourseType),
		&codes, &names, &short, &types, &simCodes, &sims, &access, &optionCodes, &optionNames, &optionAccess,
		&r.Offered, &r.ObservedAt)
	if err != nil {
		return err
	}
	n.one(&r.Source)
	n.one(&r.ContractID)
	if err := parallel(codes, names, short, types, simCodes, sims, access); err != nil {
		return fmt.Errorf("devices of product %s: %w", r.ProductCode, err)
	}
	if err := parallel(optionCodes, optionNames, optionAccess); err != nil {
		return fmt.Errorf("options of product %s: %w", r.ProductCode, err)
	}
	for i := range codes {
		r.Devices = append(r.Devices, schema.ProductDevice{Code: codes[i], Name: names[i], ShortName: short[i],
			Type: types[i], SIMCode: simCodes[i], SIMType: sims[i], Access: access[i]})
	}
	for i := range optionCodes {
		r.Options = append(r.Options, schema.ProductOption{Code: optionCodes[i], Name: optionNames[i], Access: optionAccess[i]})
	}
	return nil
}

// parallel makes sure that columns speak of the same things, which is for whoever writes into the table by hand.
func parallel(columns ...[]string) error {
	for _, column := range columns {
		if len(column) != len(columns[0]) {
			return fmt.Errorf("columns of %d and %d values stand side by side", len(columns[0]), len(column))
		}
	}
	return nil
}

func (n names) order(rows driver.Rows, r *schema.Order) error {
	cancel := &r.Cancel.V
	err := rows.Scan(&r.Source, &r.ContractID, &r.OrderID, &r.Number, optDate(&r.Applied), optDate(&r.Requested),
		optDate(&r.Scheduled), &r.StatusCode, word(&r.Status), &r.ErrorID, &r.ErrorText,
		&cancel.OrderID, &cancel.StatusCode, word(&cancel.Status), &cancel.ErrorID, &cancel.ErrorText,
		&cancel.ReferenceErrorID, &cancel.ReferenceErrorText,
		word(&r.ToldBy), &r.Gone, &r.FirstSeen, &r.StatusSince, &r.ObservedAt)
	if r.Cancel.Known = cancel.Status != noCancel; !r.Cancel.Known {
		r.Cancel = schema.Opt[schema.Cancellation]{}
	}
	for _, s := range []*string{&r.Source, &r.ContractID, &r.OrderID, &r.StatusCode, (*string)(&r.Status), (*string)(&r.ToldBy)} {
		n.one(s)
	}
	return err
}
