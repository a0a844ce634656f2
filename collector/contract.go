package collector

import (
	"context"

	"kaisen/collector/carrier"
	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

// sweepContracts does one thing for each contract. One that the carrier does not let us ask about fails alone.
func (u *Unom) sweepContracts(ctx context.Context, p *pass, do func(context.Context, *pass, string) error) {
	contracts := u.cfg.ownContracts()
	p.total.Add(int64(len(contracts)))
	workers := u.workers()
	for _, contract := range contracts {
		workers.Go(func() {
			_ = p.item(ctx, func(ctx context.Context) error { return do(ctx, p, contract) })
			u.tell(p)
		})
	}
	workers.Wait()
}

// pollContract asks for a contract's particulars. Only the latest are kept: who was in charge last year is personal
// data that nobody asked for.
func (u *Unom) pollContract(ctx context.Context, p *pass, contract string) error {
	key := schema.LineKey{Source: u.cfg.Source, ContractID: contract}
	answer, err := u.carrier.Contract(ctx, contract)
	if err != nil {
		return u.failed(ctx, p, key, "contract", err)
	}
	return u.write(ctx, p, schema.Batch{
		Contracts:   []schema.Contract{contractRow(key, answer)},
		DeadLetters: lettersOf(key, "contract", answer),
	})
}

// contractRow is an answer of call 01 as a row of table contracts.
func contractRow(key schema.LineKey, answer carrier.Answer[unom.Contract]) schema.Contract {
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
