package chdbtest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// An answer that begins before the question has ended comes through, and the rest of the question too.
func TestForwardAnswersWhileItIsAsked(t *testing.T) {
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := http.NewResponseController(w)
		if err := answer.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		_, _ = io.CopyN(w, r.Body, int64(len("rows")))
		_ = answer.Flush()
		_, _ = io.Copy(w, r.Body)
	}))
	defer engine.Close()
	proxy := httptest.NewServer(Forward(engine.Listener.Addr().String()))
	defer proxy.Close()

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	question, asked := io.Pipe()
	defer asked.Close() // before the proxy, which waits for it
	go func() { _, _ = io.WriteString(asked, "rows") }()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, proxy.URL, question)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	go func() {
		_, _ = io.WriteString(asked, strings.Repeat("!", 3000))
		_ = asked.Close()
	}()
	if got, err := io.ReadAll(answer.Body); err != nil || string(got) != "rows"+strings.Repeat("!", 3000) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
