package api

import (
	"errors"
	"fmt"
	"strings"

	"kaisen/schema"
)

// Refused is the error of an answer that came with status 200 and refuses all the same; nil where it does not.
func (a *OrderAccepted) Refused() error { return refused(a.Result, a.Error) }

// Refused is as that of OrderAccepted.
func (a *Reservation) Refused() error { return refused(a.Result, a.Error) }

// Refused is as that of OrderAccepted.
func (a *Disconnected) Refused() error {
	if a.ResultCode != 0 {
		return fmt.Errorf("the carrier did not take it: resultCode %d", a.ResultCode)
	}
	return nil
}

func refused(result Result, message schema.Opt[Message]) error {
	if result == ResultOK {
		return nil
	}
	text := "the carrier did not take it: resultCode " + string(result)
	if message.Known {
		text += strings.TrimRight(", "+message.V.ID+" "+message.V.Text, " ")
	}
	return errors.New(text)
}
