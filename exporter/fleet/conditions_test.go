package fleet

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kaisen/schema"
)

// TestConditionsAreKept: whatever happens to a fleet and however long nothing does, the counts that are kept are those of all lines
// looked at anew, and of the page's lists.
func TestConditionsAreKept(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		problem := ""
		synctest.Test(t, func(*testing.T) {
			f := New(Config{MaxLines: 3, StaleAfter: DefaultConfig().StaleAfter, ForecastHolds: time.Hour, Names: NamesFile})
			for range rapid.IntRange(1, 60).Draw(rt, "steps") {
				happen(rt, f)
				if asked := rapid.IntRange(0, 2).Draw(rt, "asked") > 0; asked && problem == "" {
					problem = conditionsDiffer(f)
				}
			}
		})
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

// conditionsDiffer is empty where all ways to count agree.
func conditionsDiffer(f *Fleet) string {
	kept := f.Conditions(time.Now())
	for _, c := range f.contracts {
		c.counted.until = -1
	}
	if diff := cmp.Diff(f.Conditions(time.Now()), kept); diff != "" {
		return "(-all lines looked at anew +kept):\n" + diff
	}
	for list, condition := range map[string]string{ListRestricted: "restricted", ListNear: "near_cap", ListOut: "will_run_out", ListSilent: "silent", ListUnknown: "unknown"} {
		if _, total := f.Search(Query{List: list}, time.Now()); total != sum(kept, condition) {
			return fmt.Sprintf("list %s has %d lines, %d are counted", list, total, sum(kept, condition))
		}
	}
	return ""
}

func sum(all []Conditions, condition string) (lines int) {
	for _, c := range all {
		lines += c.ByName()[condition]
	}
	return lines
}

// happen does one thing to a fleet of a contract: time goes by, or somebody tells something.
func happen(t *rapid.T, f *Fleet) {
	now := time.Now()
	key := schema.LineKey{Source: "hq", ContractID: "N1", LineNo: fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "line"))}
	plan := rapid.SampledFrom([]string{"P1", "P2"}).Draw(t, "plan")
	some := func(what string) schema.Opt[uint64] {
		n := rapid.SampledFrom([]uint64{0, 0, 100, 300, 900, 1}).Draw(t, what)
		return schema.Opt[uint64]{V: n, Known: n != 1}
	}
	var b schema.Batch
	switch rapid.IntRange(0, 12).Draw(t, "what") {
	case 0, 1:
		time.Sleep(time.Duration(rapid.SampledFrom([]int{1, 1, 10, 30, 46}).Draw(t, "minutes")) * time.Minute)
		return
	case 2, 3, 4, 11:
		scope := rapid.SampledFrom([]schema.Scope{schema.ScopeLine, schema.ScopeDataShare}).Draw(t, "scope")
		b.Traffic = []schema.TrafficSample{{LineKey: key, Scope: scope, ObservedAt: now, ReceivedAt: now, MonthBytes: some("used"), RemainingBytes: some("left"),
			Restriction: rapid.SampledFrom(schema.Restrictions()).Draw(t, "restriction")}}
	case 5:
		b.Lines = []schema.Line{{LineKey: key, State: rapid.SampledFrom([]schema.LineState{schema.LineActive, schema.LineActive, schema.LineRemoved}).Draw(t, "state"),
			PlanCode: plan, ObservedAt: now}}
	case 6:
		status := rapid.SampledFrom([]schema.ShareStatus{schema.ShareRegistered, schema.ShareReserved}).Draw(t, "status")
		b.Members = []schema.DataShareMember{{LineKey: key, Status: status, Member: true, ObservedAt: now}}
	case 7:
		course := rapid.SampledFrom([]schema.CourseType{schema.CourseZero, schema.CourseBasic}).Draw(t, "course")
		value := rapid.SampledFrom([]string{"line", "group"}).Draw(t, "figures")
		b.Products = []schema.Product{{Source: "hq", ContractID: "N1", ProductCode: plan, CourseType: course, ObservedAt: now}}
		b.Findings = []schema.CarrierFinding{{Source: "hq", ContractID: "N1", Reading: "share_figures", Value: value, ObservedAt: now}}
	case 8, 12:
		near := rapid.SampledFrom([]string{"", "50", "5"}).Draw(t, "near")
		b.Names = []schema.LineName{{LineKey: key, Columns: []string{"near_cap_percent"}, Values: []string{near}, Present: near != "", ObservedAt: now}}
	case 9:
		f.Exposition().Render()
		return
	case 10:
		out := schema.Opt[time.Time]{V: now.Add(time.Hour), Known: rapid.Bool().Draw(t, "out")}
		f.Forecast("hq", []schema.LineForecast{{LineKey: key, MonthEndBytes: 9e9, ExhaustionAt: out}})
	}
	f.Write(b)
}
