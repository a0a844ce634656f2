package simulator

import (
	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/ipoe"
	"kaisen/internal/simulator/serviceorder"
	"kaisen/internal/simulator/unom"
	"kaisen/internal/simulator/wire"
)

// What a carrier is configured with and asked for, by the names that its users know.
type (
	Style       = wire.Style
	RetryAfter  = gateway.RetryAfter
	Fault       = gateway.Fault
	Switch      = gateway.Switch
	Stats       = gateway.Stats
	ClockChange = gateway.ClockChange

	Event        = fleet.Event
	TruthQuery   = fleet.TruthQuery
	LineTruth    = fleet.LineTruth
	ShareTruth   = fleet.ShareTruth
	TrafficTruth = fleet.TrafficTruth
	DateBytes    = fleet.DateBytes
	SessionTruth = fleet.SessionTruth
	LogTruth     = fleet.LogTruth
	VisitTruth   = fleet.VisitTruth

	Served            = unom.Served
	ServedTraffic     = unom.ServedTraffic
	ServedSession     = unom.ServedSession
	OrderTruth        = unom.OrderTruth
	StatusTime        = unom.StatusTime
	ServiceOrderTruth = serviceorder.OrderTruth
	SiteTruth         = ipoe.SiteTruth
	IPoEOrderTruth    = ipoe.OrderTruth
)

// The styles.
const (
	StyleDocument = wire.StyleDocument
	StyleModern   = wire.StyleModern
	StyleMixed    = wire.StyleMixed
)

// The forms of Retry-After.
const (
	RetryCeil  = gateway.RetryCeil
	RetryFloor = gateway.RetryFloor
	RetryDate  = gateway.RetryDate
	RetryNone  = gateway.RetryNone
)
