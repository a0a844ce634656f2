package main

import (
	"errors"
	"strconv"
	"strings"

	"kaisen/collector/carrier"
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

// refusal is the error of an answer that came with status 200 and refuses all the same.
func refusal(value any) error {
	if answer, can := value.(interface{ Refused() error }); can {
		return answer.Refused()
	}
	return nil
}
