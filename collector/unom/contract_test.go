package unom

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

func TestAContractIsWrittenAsItWasTold(t *testing.T) {
	told := api.Contract{ContractID: contract, DomainName: "ntt-com", CustomerName: "エヌ・ティ・ティ", TechPersonName: "NTT COM", BillingPhoneNumber: "0120-XXXX-XXXX"}
	s := newOrderFixture(t, nil)
	s.contractAnswers.set(func(d *contractAnswers) { d.contract = told })
	if err := sweepOnce(t, s.u, JobContract).Err(); err != nil {
		t.Fatal(err)
	}
	want := []schema.Contract{{Source: "hq", ContractID: contract, DomainName: "ntt-com", CustomerName: "エヌ・ティ・ティ",
		TechPersonName: "NTT COM", BillingPhoneNumber: "0120-XXXX-XXXX", ObservedAt: noon()}}
	if diff := cmp.Diff(want, s.sink.All().Contracts); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAProductThatLeftTheListIsNoLongerOffered(t *testing.T) {
	plan := api.Product{ProductCode: "T3001323", ProductName: "plan", CourseType: api.CourseSpare,
		Devices: []api.Device{
			{DeviceCode: "T2000554", DeviceName: "MF112A (UNO)", DeviceShortName: "MF112A", DeviceType: api.DeviceOnly, SIMTypeCode: api.SIMStandard, SIMTypeName: "標準SIM", AccessType: api.Access3G},
			{DeviceCode: "T2000555", DeviceType: "7", AccessType: api.AccessLTE}},
		Options: []api.Option{{OptionCode: "T6000036", OptionName: "[docomo]", AccessType: "9"}}}
	nameless := api.Product{ProductName: "a plan without a code", CourseType: "55"}
	row := schema.Product{Source: "hq", ContractID: contract, ProductCode: "T3001323", ProductName: "plan",
		CourseTypeCode: "99", CourseType: schema.CourseSpare, Offered: true, ObservedAt: noon(),
		Devices: []schema.ProductDevice{
			{Code: "T2000554", Name: "MF112A (UNO)", ShortName: "MF112A", Type: "device", SIMCode: "1", SIMType: "標準SIM", Access: "3g"},
			{Code: "T2000555", Type: "7", Access: "lte"}},
		Options: []schema.ProductOption{{Code: "T6000036", Name: "[docomo]", Access: "9"}}}
	other := schema.Product{Source: "hq", ContractID: contract, ProductName: "a plan without a code", CourseTypeCode: "55",
		CourseType: schema.CourseUnknown, Offered: true, ObservedAt: noon()}

	s := newOrderFixture(t, nil)
	sweep := func(u *Collector, list ...api.Product) []schema.Product {
		s.contractAnswers.set(func(d *contractAnswers) { d.products = list })
		before := len(s.sink.All().Products)
		if err := sweepOnce(t, u, JobProducts).Err(); err != nil {
			t.Fatal(err)
		}
		return s.sink.All().Products[before:]
	}
	same := func(what string, want, got []schema.Product) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	same("both", []schema.Product{row, other}, sweep(s.u, plan, nameless))
	left := row
	left.Offered = false
	same("one left", []schema.Product{other, left}, sweep(s.u, nameless))
	same("it has left before", []schema.Product{other}, sweep(s.u, nameless))
	same("it is back", []schema.Product{row, other}, sweep(s.u, plan, nameless))

	restarted := newUnom(s.fakeCarrier, s.sink, nil)
	restarted.Restore(schema.State{Products: []schema.Product{row, other}})
	same("it left while nobody looked", []schema.Product{other, left}, sweep(restarted, nameless))
}

func TestAContractThatIsNotAllowedFailsAlone(t *testing.T) {
	for _, job := range []string{JobContract, JobProducts} {
		for _, failure := range []*carrier.Error{{Kind: carrier.KindNotAllowed, Status: 403}, {Kind: api.KindNoSuchContract, Status: 404}} {
			c := &refusing{fakeCarrier: &fakeCarrier{contractAnswers: &contractAnswers{}}, contract: "N000000001", err: failure}
			u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) { cfg.Contracts = []string{"N000000001", contract} })
			if sweep := sweepOnce(t, u, job); sweep.Row("").OK != 1 || sweep.Failed() != 1 || sweep.Err() == nil {
				t.Errorf("job %s, status %d: %d done, %d failed, %v; want one of each", job, failure.Status, sweep.Row("").OK, sweep.Failed(), sweep.Err())
			}
		}
	}
}

// The jobs of contracts need no line: they run where the inventory cannot be had.
func TestContractsWaitForNoLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{contractAnswers: &contractAnswers{}, linesErr: &carrier.Error{Kind: carrier.KindServer, Status: 500}}
		u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) { cfg.Jobs[JobProducts] = collector.JobConfig{} })
		defer start(t, u)()
		synctest.Wait()
		asked := func() []int { return []int{c.calls("contract "), c.calls("products "), c.calls("orders ")} }
		if got := asked(); !slices.Equal(got, []int{1, 0, 1}) {
			t.Errorf("contract, products, orders asked %v times at once, want once each but for the job that is off", got)
		}
		time.Sleep(24*time.Hour + time.Minute)
		if got := asked(); !slices.Equal(got, []int{2, 0, 25}) {
			t.Errorf("asked %v times in a day, want twice, never, and each hour", got)
		}
		if c.calls("traffic") != 0 {
			t.Error("lines were polled without an inventory")
		}
		behind := u.Behind(time.Now().Add(-48*time.Hour), time.Now())
		if _, off := behind[JobProducts]; off || behind[JobContract] != 0 || behind[JobOrders] != 0 || behind[JobLines] == 0 {
			t.Errorf("behind %v, want contract and orders in time, products absent", behind)
		}
	})
}

// Once runs them as well, however the inventory ends.
func TestOnceAsksForContractsToo(t *testing.T) {
	c := &fakeCarrier{contractAnswers: &contractAnswers{}, linesErr: &carrier.Error{Kind: api.KindNoSuchContract, Status: 404}}
	u := newUnom(c, &collectortest.Sink{}, nil)
	sweeps, err := u.Once(t.Context())
	jobs := map[string]uint64{}
	for _, sweep := range sweeps {
		jobs[sweep.Job] = sweep.OK
	}
	if err == nil || jobs[JobContract] != 1 || jobs[JobProducts] != 1 || jobs[JobOrders] != 2 || len(jobs) != 9 {
		t.Errorf("jobs %v, error %v; want nine jobs, and an error of the inventory", jobs, err)
	}
}
