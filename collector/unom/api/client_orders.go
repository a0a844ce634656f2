package api

import (
	"context"

	"kaisen/collector/carrier"
)

// Products is call 06, operation "products": what the contract can order.
func (c *Client) Products(ctx context.Context, contractID string) (carrier.Answer[[]Product], error) {
	return checked(ctx, c, opProducts, subject{contractID: contractID}, ProductsRequest{contractID}, decodeProducts)
}

// Orders is call 07, operation "orders": those taken and not complete, at most MaxRows.
func (c *Client) Orders(ctx context.Context, contractID string) (carrier.Answer[[]Order], error) {
	return checked(ctx, c, opOrders, subject{contractID: contractID}, OrdersRequest{contractID}, decodeOrders)
}

// CompletedOrders is call 08, operation "completed_orders": at most MaxRows.
func (c *Client) CompletedOrders(ctx context.Context, contractID string) (carrier.Answer[[]Order], error) {
	return checked(ctx, c, opCompletedOrders, subject{contractID: contractID}, CompletedOrdersRequest{contractID}, decodeOrders)
}

// Order is call 11, operation "order": how the taking of an order goes. An order that the carrier turned down
// (OrderRejected, with a message's ID) is an answer, not an error.
func (c *Client) Order(ctx context.Context, contractID, orderID string) (carrier.Answer[OrderDetail], error) {
	return checked(ctx, c, opOrder, subject{contractID: contractID}, OrderRequest{contractID, orderID}, decodeOrder)
}

// Cancellation is call 30, operation "cancellation": how the cancelling of an order goes. OrderID is that of
// CancelOrder's answer. It fails with ReasonNoSuchOrder where there is none.
func (c *Client) Cancellation(ctx context.Context, contractID, orderID string) (carrier.Answer[Cancellation], error) {
	return checked(ctx, c, opCancellation, subject{contractID: contractID}, CancellationRequest{contractID, orderID}, decodeCancellation)
}

// CancelOrder is call 28, operation "cancel_order".
func (c *Client) CancelOrder(ctx context.Context, r CancelOrderRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opCancelOrder, subject{contractID: r.ContractID}, r, decodeAccepted)
}

// AddToDataShare is call 22, operation "add_to_data_share".
func (c *Client) AddToDataShare(ctx context.Context, r AddToDataShareRequest) (carrier.Answer[Reservation], error) {
	return checked(ctx, c, opAddToDataShare, subject{contractID: r.ContractID}, r, decodeReservation)
}

// RemoveFromDataShare is call 23, operation "remove_from_data_share".
func (c *Client) RemoveFromDataShare(ctx context.Context, r RemoveFromDataShareRequest) (carrier.Answer[Reservation], error) {
	return checked(ctx, c, opRemoveFromDataShare, subject{r.ContractID, r.LineNo}, r, decodeReservation)
}

// CancelReservation is call 29, operation "cancel_reservation".
func (c *Client) CancelReservation(ctx context.Context, r CancelReservationRequest) (carrier.Answer[Reservation], error) {
	return checked(ctx, c, opCancelReservation, subject{contractID: r.ContractID}, r, decodeReservation)
}
