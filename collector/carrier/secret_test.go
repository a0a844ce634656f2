package carrier

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
)

func TestSecretsDoNotShow(t *testing.T) {
	const planted = "pa55-w0rd"
	holder := struct {
		Name     string
		Password Secret
	}{"line", planted}
	spec := RequestSpec{Method: "PUT", Path: "/lines/09012345678", Body: []byte(planted)}
	var text bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&text, verb+verb+verb+"\n", holder, holder.Password, &holder)
	}
	fmt.Fprintf(&text, "%v %+v %#v %s\n", spec, spec, spec, spec)
	slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "secret", holder.Password)
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "secret", holder.Password, "spec", spec)
	for _, bad := range []string{planted, fmt.Sprintf("%x", planted), "09012345678"} {
		if strings.Contains(text.String(), bad) {
			t.Errorf("%q shows in:\n%s", bad, text.String())
		}
	}
	if got, err := json.Marshal(holder); err != nil || !bytes.Contains(got, []byte(planted)) {
		t.Errorf("JSON %s, error %v: a secret that is sent must be there", got, err)
	}
	if Secret("").String() != "" {
		t.Error("no secret looks like one")
	}
}

// An error names no line, in whatever form the carrier, or what an error wraps, has its number.
func TestErrorsNameNoLine(t *testing.T) {
	for _, number := range []string{"09012345678", "090-1234-5678", "０９０１２３４５６７８", "+81 90 1234 5678"} {
		err := &Error{Operation: "traffic", Message: "no " + number, Err: &net.OpError{Op: "dial", Err: errors.New("GET /lines/" + number)}}
		if text := err.Error(); strings.Contains(text, number) || strings.Contains(text, "1234") {
			t.Error(text)
		}
	}
}
