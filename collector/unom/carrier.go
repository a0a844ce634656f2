package unom

import (
	"context"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
)

// Carrier is what the jobs ask: the reading calls of UNO Mobile API v2.1, and the carrier's own clock.
type Carrier interface {
	Lines(ctx context.Context, contractID string) (carrier.Answer[[]api.Line], error)
	Traffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[api.Traffic], error)
	DataShareTraffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[api.Traffic], error)
	DataShare(ctx context.Context, contractID string) (carrier.Answer[[]api.ShareMember], error)
	Session(ctx context.Context, contractID, lineNo string) (carrier.Answer[api.Session], error)
	Authentications(ctx context.Context, contractID string, q api.LogQuery) (carrier.Answer[[]api.Authentication], error)
	Sessions(ctx context.Context, contractID string, q api.LogQuery) (carrier.Answer[[]api.SessionEvent], error)

	Contract(ctx context.Context, contractID string) (carrier.Answer[api.Contract], error)
	Products(ctx context.Context, contractID string) (carrier.Answer[[]api.Product], error)
	Orders(ctx context.Context, contractID string) (carrier.Answer[[]api.Order], error)
	CompletedOrders(ctx context.Context, contractID string) (carrier.Answer[[]api.Order], error)
	Order(ctx context.Context, contractID, orderID string) (carrier.Answer[api.OrderDetail], error)
	Cancellation(ctx context.Context, contractID, orderID string) (carrier.Answer[api.Cancellation], error)

	// Now is the carrier's clock: days, months and log windows turn by it, not by ours.
	Now() time.Time
}
