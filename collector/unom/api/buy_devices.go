package api

import (
	"fmt"
	"net/http"
	"time"

	"kaisen/collector/carrier"
)

// BuyDevicesRequest orders devices: call 14 (UNO Mobile API v2.1 §14).
type BuyDevicesRequest struct {
	ContractID  string `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	RequestDate Day    `json:"requestDate" doc:"first day of use, YYYYMMDD, until the last of next month"`
	Delivery
	Agreement Agreement   `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	Lines     []NewDevice `json:"linesList" doc:"the devices, at most 254"`
}

// NewDevice is one device that call 14 orders.
type NewDevice struct {
	Number     Number `json:"number" doc:"number of the order within the request, 1 to 999; its place where not given"`
	DeviceCode string `json:"deviceCode" doc:"device, up to 1,024 characters, from call 06: T2000556"`
}

// Validate checks all fields.
func (r BuyDevicesRequest) Validate(now time.Time) error {
	var c check
	c.contract(r.ContractID)
	c.day("requestDate", r.RequestDate, now)
	r.Delivery.check(&c)
	c.agreement(r.Agreement)
	c.orders(len(r.Lines), MaxOrders)
	numbers := make([]Number, len(r.Lines))
	for i, device := range r.Lines {
		numbers[i] = device.Number
		c.text(fmt.Sprintf("linesList[%d].deviceCode", i), device.DeviceCode, mandatory, mixed, 1024)
	}
	c.numbers(numbers)
	return c.Err()
}

// Spec is POST …/devices.
func (r BuyDevicesRequest) Spec() carrier.RequestSpec {
	devices := make([]NewDevice, len(r.Lines))
	for i, device := range r.Lines {
		device.Number = device.Number.at(i)
		devices[i] = device
	}
	return send(http.MethodPost, below(r.ContractID, "devices"),
		delivered[NewDevice]{r.RequestDate, r.Delivery, r.Agreement, devices})
}
