package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kaisen/collector/carrier"
	serviceorder "kaisen/collector/serviceorder/api"
	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

// inWords makes sure that a failed call says the carrier's code and message, in one line.
func inWords(err error) error {
	var failure *carrier.Error
	if !errors.As(err, &failure) {
		return err
	}
	said := failure.Message
	if code := failure.Code; code != "" && code != strconv.Itoa(failure.Status) && !strings.Contains(said, code) {
		said = code + " " + said
	}
	told := *failure
	told.Message = strings.Join(strings.Fields(said), " ")
	return &told
}

// refusal is the error of an answer that came with status 200 and says no all the same.
func refusal(value any) error {
	switch answer := value.(type) {
	case *unom.OrderAccepted:
		return notTaken(answer.Result, answer.Error)
	case *unom.Reservation:
		return notTaken(answer.Result, answer.Error)
	case *unom.Disconnected:
		if answer.ResultCode != 0 {
			return fmt.Errorf("the carrier did not take it: resultCode %d", answer.ResultCode)
		}
	case *serviceorder.Details:
		if answer.Code != "" && !strings.HasPrefix(answer.Code, "2") {
			return fmt.Errorf("the carrier refused: code %s, %s %s", answer.Code, answer.DetailCode, answer.DetailMsg)
		}
	}
	return nil
}

func notTaken(result unom.Result, message schema.Opt[unom.Message]) error {
	if result == unom.ResultOK {
		return nil
	}
	text := "the carrier did not take it: resultCode " + string(result)
	if message.Known {
		text += strings.TrimRight(", "+message.V.ID+" "+message.V.Text, " ")
	}
	return errors.New(text)
}
