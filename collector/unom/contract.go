package unom

import (
	"context"

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
