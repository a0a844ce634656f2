package fleet

import (
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// told is a line of contract N123456789 for these tests: what call 03 and call 09 said of it, as remaining bytes of a month in
// which 100 were used, and the restriction.
type told struct {
	line, plan string
	member     schema.ShareStatus // empty: in no group
	own, share string             // "remaining restriction"; empty: not told
}

func (w told) rows() (b schema.Batch) {
	row := fleettest.Inventory(w.line, schema.LineActive)
	row.PlanCode, row.DataShare = w.plan, schema.Opt[schema.ShareStatus]{V: w.member, Known: w.member != ""}
	b.Lines = []schema.Line{row}
	if w.member != "" {
		b.Members = []schema.DataShareMember{{LineKey: row.LineKey, Status: w.member, Member: true, ObservedAt: time.Now()}}
	}
	for scope, text := range map[schema.Scope]string{schema.ScopeLine: w.own, schema.ScopeDataShare: w.share} {
		if text == "" {
			continue
		}
		s := fleettest.Answer(w.line, scope)
		s.MonthBytes, s.TodayBytes, s.RemainingBytes = schema.Some[uint64](100), schema.Some[uint64](10), schema.Some[uint64](0)
		if _, err := fmt.Sscan(text, &s.RemainingBytes.V, &s.Restriction); err != nil {
			panic(err)
		}
		b.Traffic = append(b.Traffic, s)
	}
	return b
}

func fleetOf(lines ...told) *Fleet {
	f := New(DefaultConfig())
	for _, one := range lines {
		f.Write(one.rows())
	}
	return f
}

func courseOf(code string, course schema.CourseType) schema.Batch {
	return schema.Batch{Products: []schema.Product{{Source: "hq", ContractID: "N123456789", ProductCode: code, CourseType: course, ObservedAt: time.Now()}}}
}

func finding(value string) schema.Batch {
	return schema.Batch{Findings: []schema.CarrierFinding{{Source: "hq", ContractID: "N123456789", Operation: "data_share_traffic", Reading: "share_figures", Value: value, ObservedAt: time.Now()}}}
}

// TestConditionsGoByTheAnswerThatDecides: a member's by call 09, another line's by call 03.
func TestConditionsGoByTheAnswerThatDecides(t *testing.T) {
	for _, test := range []struct {
		name  string
		lines []told
		more  schema.Batch
		want  Conditions
	}{
		{"a throttled pool whose members' own figures say nothing of it",
			[]told{{"1", "P", schema.ShareRegistered, "900 none", "0 monthly"}, {"2", "P", schema.ShareRemovalReserved, "900 none", "0 monthly"}, {"3", "P", schema.ShareReserved, "900 none", ""}},
			schema.Batch{}, Conditions{Restricted: 2}},
		{"members whose own figures say more than is true",
			[]told{{"1", "P", schema.ShareRegistered, "0 monthly", "900 none"}, {"2", "P", schema.ShareRegistered, "5 none", "900 none"}}, schema.Batch{}, Conditions{}},
		{"a pool near its cap", []told{{"1", "P", schema.ShareRegistered, "900 none", "20 none"}, {"2", "P", "", "900 none", ""}}, schema.Batch{}, Conditions{NearCap: 1}},
		{"a pool that is used up and not restricted yet", []told{{"1", "P", schema.ShareRegistered, "", "0 none"}}, schema.Batch{}, Conditions{NearCap: 1, Silent: 1}},
		{"a member that was asked never, of a group that was", []told{{"1", "P", schema.ShareRegistered, "900 none", ""}, {"2", "P", schema.ShareRegistered, "900 none", "0 recent"}},
			schema.Batch{}, Conditions{Restricted: 2}},
		{"a group that nobody was told of", []told{{"1", "P", schema.ShareRegistered, "900 none", ""}}, schema.Batch{}, Conditions{Unknown: 1, Blind: true}},
		{"codes that the table does not have", []told{{"1", "P", schema.ShareRegistered, "900 none", "900 unknown"}, {"2", "P", "", "900 unknown", ""}}, schema.Batch{}, Conditions{Unknown: 2, Blind: true}},
		{"a member with a restriction of its own", []told{{"1", "P", schema.ShareRegistered, "900 none", "900 recent"}, {"2", "P", schema.ShareRegistered, "900 none", "900 none"}},
			schema.Batch{}, Conditions{Restricted: 1}},
		{"a course that is not known, and there was a volume", []told{{"1", "U", "", "0 none", ""}},
			schema.Batch{Findings: []schema.CarrierFinding{{Source: "hq", ContractID: "N123456789", Operation: "U", Reading: "plan_volume", Value: "shown", ObservedAt: time.Now()}}}, Conditions{NearCap: 1}},
		{"lines on their own", []told{{"1", "P", "", "24 none", ""}, {"2", "P", "", "25 none", ""}, {"3", "P", "", "0 recent", ""}, {"4", "P", "", "", ""}},
			schema.Batch{}, Conditions{Restricted: 1, NearCap: 1, Silent: 1, Unknown: 1}},
		{"a plan without a volume", []told{{"1", "Z", "", "0 none", ""}, {"2", "Z", "", "0 recent", ""}}, courseOf("Z", schema.CourseZero), Conditions{Restricted: 1}},
		{"a spare", []told{{"1", "Z", "", "0 none", ""}}, courseOf("Z", schema.CourseSpare), Conditions{}},
		{"a plan with one, used up", []told{{"1", "B", "", "0 none", ""}}, courseOf("B", schema.CourseBasic), Conditions{NearCap: 1}},
		{"a volume that call 06 does not know of", []told{{"1", "Z", "", "20 none", ""}}, courseOf("Z", schema.CourseZero), Conditions{NearCap: 1}},
		{"a course that is not known, and nothing shows a volume", []told{{"1", "U", "", "0 none", ""}, {"2", "U", "", "0 none", ""}, {"3", "V", "", "500 none", ""}},
			courseOf("U", schema.CourseUnknown), Conditions{}},
		{"a course that is not known, and another line shows a volume", []told{{"1", "U", "", "0 none", ""}, {"2", "U", "", "500 none", ""}}, schema.Batch{}, Conditions{NearCap: 1}},
		{"a course that is not known, and another line is restricted", []told{{"1", "U", "", "0 none", ""}, {"2", "U", "", "0 monthly", ""}}, schema.Batch{}, Conditions{NearCap: 1, Restricted: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := fleetOf(test.lines...)
			f.Write(test.more)
			test.want.Source, test.want.ContractID = "hq", "N123456789"
			if diff := cmp.Diff([]Conditions{test.want}, f.Conditions(time.Now())); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			o := f.Overview(time.Now())
			if o.ThrottledLines() != test.want.Restricted || o.NearCap != test.want.NearCap || o.Lines.Silent != test.want.Silent {
				t.Errorf("the page has %d restricted, %d near, %d silent", o.ThrottledLines(), o.NearCap, o.Lines.Silent)
			}
			for list, want := range map[string]int{ListRestricted: test.want.Restricted, ListNear: test.want.NearCap, ListSilent: test.want.Silent, ListUnknown: test.want.Unknown} {
				if _, total := f.Search(Query{List: list}, time.Now()); total != want {
					t.Errorf("list %q has %d lines, want %d", list, total, want)
				}
			}
		})
	}
}

// TestPoolUnderBothReadings: each member's use of call 09 is the group's, or its own.
func TestPoolUnderBothReadings(t *testing.T) {
	f := fleetOf(told{"1", "P", schema.ShareRegistered, "", "50 none"}, told{"2", "P", schema.ShareRegistered, "", "50 none"}, told{"3", "P", schema.ShareReserved, "", ""})
	month := contractSeries("kaisen_data_share_month_bytes")
	for _, step := range []struct {
		value string
		month float64
		near  int
	}{{"group", 100, 0}, {"line", 200, 0}, {"group", 100, 0}} {
		f.Write(finding(step.value))
		if got := shown(t, f)[month]; got != step.month {
			t.Errorf("%s: the group has used %v, want %v", step.value, got, step.month)
		}
	}
	// 50 are left of 250, and after the next answer of 265: below a fifth by the sum alone
	f.Write(finding("line"))
	more := fleettest.Answer("1", schema.ScopeDataShare)
	more.MonthBytes, more.RemainingBytes, more.Restriction = schema.Some[uint64](115), schema.Some[uint64](50), schema.RestrictionNone
	f.Write(fleettest.Traffic(more))
	if got := f.Conditions(time.Now())[0].NearCap; got != 2 {
		t.Errorf("%d near their cap, want both members", got)
	}
	f.Write(finding("group"))
	if got := f.Conditions(time.Now())[0].NearCap; got != 0 {
		t.Errorf("%d near their cap of 115 and 50", got)
	}
}

// TestMembersWithVolumesOfTheirOwn: what is left rises from one member to the next, as it cannot of one volume. Each goes by
// its own, and the group's is the sum.
func TestMembersWithVolumesOfTheirOwn(t *testing.T) {
	const gigabyte = 1 << 30
	f, at := fleetOf(told{"1", "P", schema.ShareRegistered, "", ""}, told{"2", "P", schema.ShareRegistered, "", ""}, told{"3", "P", schema.ShareRegistered, "", ""}), time.Now()
	for i, left := range []uint64{9, 1, 8} {
		s := fleettest.Answer(strconv.Itoa(i+1), schema.ScopeDataShare)
		s.MonthBytes, s.RemainingBytes, s.Restriction = schema.Some((10-left)*gigabyte), schema.Some(left*gigabyte), schema.RestrictionNone
		s.ObservedAt = at.Add(time.Duration(i) * time.Second)
		f.Write(fleettest.Traffic(s))
	}
	for _, step := range []struct {
		value     string
		near      int
		remaining float64
	}{{"group", 0, 8 * gigabyte}, {"line", 1, 18 * gigabyte}} {
		f.Write(finding(step.value))
		if got := f.Conditions(time.Now())[0].NearCap; got != step.near {
			t.Errorf("%s: %d near their cap, want %d", step.value, got, step.near)
		}
		if got := shown(t, f)[contractSeries("kaisen_data_share_remaining_bytes")]; got != step.remaining {
			t.Errorf("%s: %v bytes are left, want %v", step.value, got, step.remaining)
		}
	}
}

// TestStalePoolDecidesNothing: what was told too long ago is unknown, and never none.
func TestStalePoolDecidesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(staleConfig())
		f.Write(told{"1", "P", schema.ShareRegistered, "900 none", "0 monthly"}.rows())
		time.Sleep(31 * time.Minute)
		want := Conditions{Source: "hq", ContractID: "N123456789", Unknown: 1, Blind: true}
		if diff := cmp.Diff([]Conditions{want}, f.Conditions(time.Now())); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if d, _ := f.Detail(Name{"hq", "N123456789", "1"}, time.Now()); !d.Stale || d.Restriction != "monthly" || d.Throttled() || d.Age != 31*time.Minute {
			t.Errorf("the page says %+v", d.Usage)
		}
	})
}

// TestNoRatioWithoutAVolume, as soon as that is known and as long as it is so; remaining_bytes stays as told.
func TestNoRatioWithoutAVolume(t *testing.T) {
	f := fleetOf(told{"1", "P", "", "0 none", ""})
	has := func(when string, want bool) {
		t.Helper()
		all := shown(t, f)
		if got := len(all.Of("kaisen_line_remaining_ratio")) > 0; got != want {
			t.Errorf("%s: a ratio is shown: %t", when, got)
		}
		if len(all.Of("kaisen_line_remaining_bytes")) == 0 {
			t.Errorf("%s: remaining_bytes is not as told", when)
		}
	}
	has("nothing shows a volume", false)
	f.Write(courseOf("P", schema.CourseIndividual))
	has("a course with a volume", true)
	f.Write(courseOf("P", schema.CourseSpare))
	has("a spare", false)
	f = fleetOf(told{"1", "P", "", "0 none", ""})
	f.Write(told{"2", "P", "", "5 none", ""}.rows())
	if got := len(shown(t, f).Of("kaisen_line_remaining_ratio")); got != 2 {
		t.Errorf("%d ratios, want both: another line shows a volume", got)
	}
	gone := fleettest.Inventory("2", schema.LineRemoved)
	gone.PlanCode = "P"
	f.Write(schema.Batch{Lines: []schema.Line{gone}})
	if got := len(shown(t, f).Of("kaisen_line_remaining_ratio")); got != 0 {
		t.Errorf("%d ratios after the line that showed a volume has left", got)
	}
}
