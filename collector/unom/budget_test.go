package unom

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/internal/racetest"
	"kaisen/schema"
)

// moody is a carrier whose answers follow moods.
type moody struct {
	*fakeCarrier
	moods *collectortest.Moods
	lines int
}

// told is an answer in its mood: the value, an empty one, or a failure.
func told[T any](m *moody, operation, item string, value, odd T) (carrier.Answer[T], error) {
	var none T
	switch mood := m.moods.Ask(operation, item); {
	case mood.Err != nil:
		return carrier.Answer[T]{}, mood.Err
	case mood.Empty:
		return answered(m.fakeCarrier, none), nil
	case mood.Odd:
		return answered(m.fakeCarrier, odd), nil
	}
	return answered(m.fakeCarrier, value), nil
}

func (m *moody) Lines(context.Context, string) (carrier.Answer[[]api.Line], error) {
	return told(m, "lines", "", listed(m.lines), listed(1))
}

func (m *moody) Traffic(_ context.Context, _, lineNo string) (carrier.Answer[api.Traffic], error) {
	return told(m, "traffic", lineNo, api.Traffic{LineNo: lineNo}, api.Traffic{})
}

func (m *moody) DataShareTraffic(_ context.Context, _, lineNo string) (carrier.Answer[api.Traffic], error) {
	return told(m, "data_share_traffic", lineNo, api.Traffic{LineNo: lineNo}, api.Traffic{})
}

func (m *moody) DataShare(context.Context, string) (carrier.Answer[[]api.ShareMember], error) {
	var members []api.ShareMember
	for i := range m.lines {
		members = append(members, api.ShareMember{LineNo: lineNo(i), Status: schema.ShareRegistered})
	}
	return told(m, "data_share", "", members, members[:1])
}

func (m *moody) Session(_ context.Context, _, lineNo string) (carrier.Answer[api.Session], error) {
	return told(m, "session", lineNo, api.Session{LineNo: lineNo}, api.Session{ResultCode: api.ResultTooMany})
}

func (m *moody) Authentications(_ context.Context, _ string, q api.LogQuery) (carrier.Answer[[]api.Authentication], error) {
	return told(m, "authentications", "", []api.Authentication{{LineNo: lineNo(0), At: q.Start}}, []api.Authentication{{}})
}

func (m *moody) Sessions(_ context.Context, _ string, q api.LogQuery) (carrier.Answer[[]api.SessionEvent], error) {
	return told(m, "sessions", "", []api.SessionEvent{{LineNo: lineNo(0), At: q.Start}}, []api.SessionEvent{{}})
}

func (m *moody) Contract(context.Context, string) (carrier.Answer[api.Contract], error) {
	return told(m, "contract", "", api.Contract{}, api.Contract{})
}

func (m *moody) Products(context.Context, string) (carrier.Answer[[]api.Product], error) {
	return told(m, "products", "", []api.Product{{ProductCode: "1"}, {ProductCode: "2"}}, []api.Product{{}})
}

func (m *moody) Orders(context.Context, string) (carrier.Answer[[]api.Order], error) {
	var orders []api.Order
	for i := range m.lines {
		orders = append(orders, placed(i, api.OrderConfirmed))
	}
	return told(m, "orders", "", orders, orders[:1])
}

func (m *moody) CompletedOrders(context.Context, string) (carrier.Answer[[]api.Order], error) {
	return told(m, "completed_orders", "", nil, []api.Order{{}})
}

func (m *moody) Order(_ context.Context, _, id string) (carrier.Answer[api.OrderDetail], error) {
	detail := items(api.OrderConfirmed)
	detail.OrderID = id
	return told(m, "order", id, detail, api.OrderDetail{})
}

func (m *moody) Cancellation(_ context.Context, _, id string) (carrier.Answer[api.Cancellation], error) {
	return told(m, "cancellation", id, api.Cancellation{OrderID: id}, api.Cancellation{})
}

// failures are those of every API, and of this one.
func failures() []error {
	return append(collectortest.Failures(), noSuchLine(),
		&carrier.Error{Kind: api.KindNoShareGroup, Reason: api.ReasonNoShareGroup, Status: 404},
		&carrier.Error{Kind: api.KindNoSuchContract, Reason: api.ReasonNoSuchContract, Status: 404},
		&carrier.Error{Kind: carrier.KindNotAllowed, Reason: api.ReasonNotComRadius, Status: 403},
		&carrier.Error{Kind: carrier.KindNotFound, Reason: api.ReasonOtherNotFound, Status: 404, Message: "Not Found"},
		&carrier.Error{Kind: carrier.KindInvalidRequest, Status: 0})
}

// Whatever the carrier answers, no job asks more than its interval says.
func TestNoJobAsksMoreThanItsIntervalSays(t *testing.T) {
	const lines, interval, lasts = 12, 10 * time.Minute, 6 * time.Hour
	worst := map[string]float64{}
	for seed := range uint64(racetest.Fewer(120, 8)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &moody{fakeCarrier: &fakeCarrier{}, moods: collectortest.NewMoods(seed, failures()...), lines: lines}
				m.moods.Panics = seed%4 == 0
				u := newUnom(m, &collectortest.Sink{}, func(cfg *settings) {
					for job := range cfg.Jobs {
						cfg.Jobs[job] = collector.JobConfig{Interval: interval, Lookback: time.Hour}
					}
				})
				began := time.Now()
				stop := start(t, u)
				time.Sleep(lasts)
				stop()
				for operation, items := range map[string]int{
					"lines": 1, "contract": 1, "products": 1, "orders": 1, "completed_orders": 1, "data_share": 1,
					"session": lines, "data_share_traffic": lines, "order": lines + 1, "cancellation": lines + 1,
					"traffic": 2 * lines, // an inventory asks too, about lines that may be gone
					// A log that cannot be read is looked at closely, 33 answers a time.
					"authentications": 20, "sessions": 20,
				} {
					factor, err := m.moods.Within(operation, items, interval, began)
					if err != nil {
						t.Errorf("%v\n%s", err, m.moods)
					}
					worst[operation] = max(worst[operation], factor)
				}
			})
		})
	}
	t.Logf("times as many requests as items and interval say, in the last three hours: %v", worst)
}
