package carrier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretsDoNotShow(t *testing.T) {
	const planted = "pa55-w0rd"
	holder := struct {
		Name     string
		Password Secret
	}{"line", planted}
	wire := RequestSpec{Method: "PUT", Path: "/lines/09012345678", Body: []byte(planted)}
	var text bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&text, verb+verb+verb+"\n", holder, holder.Password, &holder)
	}
	fmt.Fprintf(&text, "%v %+v %#v %s\n", wire, wire, wire, wire)
	slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "secret", holder.Password)
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "secret", holder.Password, "wire", wire)
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
