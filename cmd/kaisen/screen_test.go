package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// hostile is a name that would set a terminal's title, clear it, turn its text around, and write over the line before.
const hostile = "Shibuya\x1b]0;gone\x07\x1b[2J\u009b31m\u202egnp\rcamera \x7f"

// obeyed reports whether a terminal would do anything for a text but show it.
func obeyed(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && standing(r) != r })
}

// What is written to a screen stands there, however it is cut into writes.
func TestAScreenObeysNobody(t *testing.T) {
	want := "Shibuya␛]0;gone␇␛[2J\ufffd31m\ufffdgnp␍camera \ufffd 渋谷\t1\n"
	for size := 1; size < 9; size++ {
		var seen bytes.Buffer
		s := &screen{to: &seen}
		for text := hostile + " 渋谷\t1\n"; text != ""; {
			n, err := s.Write([]byte(text[:min(size, len(text))]))
			if err != nil {
				t.Fatal(err)
			}
			text = text[n:]
		}
		if seen.String() != want {
			t.Errorf("by %d: %q", size, seen.String())
		}
	}
	var seen bytes.Buffer
	_, _ = (&screen{to: &seen}).Write([]byte("a\x9b31m\xff\n")) // no UTF-8
	if seen.String() != "a\ufffd31m\ufffd\n" {
		t.Errorf("%q", seen.String())
	}
}

// Whatever the carrier writes into an answer, or an error, no format of kaisen api gives it to a terminal raw.
func TestAPIAnswersAreNotObeyed(t *testing.T) {
	note, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		status int
		answer string
	}{
		{200, `{"orderList":[{"orderId":` + string(note) + `,"orderStatus":"02"}]}`},
		{200, hostile},
		{400, `{"responseHeader":{"errorCode":"400","errorMessage":` + string(note) + `}}`},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				_, _ = io.WriteString(w, `{"accessToken":"t0ken","tokenType":"Bearer","expiresIn":"3600"}`)
				return
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.answer)
		}))
		file := writeSources(t, server.URL, "/token")
		for _, format := range []string{"json", "table", "raw"} {
			var stdout, stderr bytes.Buffer
			run([]string{"api", "unom", "orders", "list", "--format", format, "--config", file}, strings.NewReader(""), &screen{to: &stdout}, &screen{to: &stderr})
			if both := stdout.String() + stderr.String(); !strings.Contains(both, "Shibuya") || obeyed(both) {
				t.Errorf("%d %s: %q, %q", c.status, format, stdout.String(), stderr.String())
			}
		}
		server.Close()
	}
}

// Every command has such a screen where it stands on a terminal.
func TestCommandsOnATerminalHaveAScreen(t *testing.T) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	defer master.Close()
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if code := run([]string{"query", "--" + hostile}, strings.NewReader(""), terminal, terminal); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	_ = terminal.Close()
	shown, _ := bufio.NewReader(master).ReadString('\n')
	if shown = strings.TrimSuffix(shown, "\r\n"); !strings.Contains(shown, "Shibuya") || obeyed(shown) {
		t.Errorf("%q", shown)
	}
}
