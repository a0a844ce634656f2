package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kaisen/internal/kinds"
)

// TestNoPrintPathShowsASecret goes through everything in the standard library and ours that turns values into text.
func TestNoPrintPathShowsASecret(t *testing.T) {
	const word = "hunter2"
	cfg := mustLoad(t, oneSource+"store: {kind: clickhouse, dsn: 'clickhouse://kaisen:"+word+"@db:9000,db2:9000/kaisen?password="+word+"&secure=1'}\n", nil, nil)
	hiddenInside := struct{ cfg any }{cfg.Sources[0].ClientSecret} // fmt calls no method of an unexported field
	shown := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%08b"} {
		for name, value := range map[string]any{
			"config": *cfg, "source": cfg.Sources[0], "secret": cfg.Sources[0].ClientSecret,
			"pointer": &cfg.Sources[0].ClientSecret, "dsn": cfg.Store.DSN, "unexported": hiddenInside,
		} {
			shown[verb+" of "+name] = fmt.Sprintf(verb, value)
		}
	}
	for name, marshal := range map[string]func(any) ([]byte, error){"json": json.Marshal, "yaml": yaml.Marshal} {
		text, err := marshal(cfg)
		if err != nil {
			t.Fatal(err)
		}
		shown[name] = string(text)
	}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(w *bytes.Buffer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"slog json": func(w *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var out bytes.Buffer
		slog.New(handler(&out)).Info("loaded", "config", cfg, "secret", cfg.Sources[0].ClientSecret, "dsn", cfg.Store.DSN)
		shown[name] = out.String()
	}
	var printed bytes.Buffer
	if err := cfg.Print(kinds.All(), &printed); err != nil {
		t.Fatal(err)
	}
	shown["print"] = printed.String()
	for path, text := range shown {
		if strings.Contains(text, word) || strings.Contains(strings.ToLower(text), "68756e74657232") {
			t.Errorf("%s shows the secret: %s", path, text)
		}
	}
	for _, path := range []string{"print", "slog text", "json", "%v of config"} {
		if !strings.Contains(strings.ReplaceAll(shown[path], `\u003c`, "<"), "<secret") {
			t.Errorf("%s has no stand-in: %s", path, shown[path])
		}
	}
}

func TestDSNShowsAllButPasswords(t *testing.T) {
	for text, want := range map[string]string{
		"": "",
		"clickhouse://kaisen@localhost:9000/kaisen":                   "clickhouse://kaisen@localhost:9000/kaisen",
		"clickhouse://kaisen:p%40ss@a:9000,b:9000/kaisen?secure=true": "clickhouse://kaisen:<secret>@a:9000,b:9000/kaisen?secure=true",
		"https://db/?username=me&password=p":                          "https://db/?username=me&password=<secret>",
		"http://db?p%61ssword=p":                                      "http://db?p%61ssword=<secret>",
		"http://db?http_proxy=http://u:p@proxy":                       "http://db?http_proxy=<secret>",
		"clickhouse://kaisen:p ss@db":                                 "<secret>",
		"mysql://kaisen:p@db":                                         "<secret>",
		"p":                                                           "<secret>",
	} {
		if got := NewDSN(text); got.String() != want || got.Reveal() != text {
			t.Errorf("%q shows as %q, want %q", text, got, want)
		}
	}
}

func TestCredentialsComeFromFiles(t *testing.T) {
	source := Source{ClientIDFile: "testdata/secret", ClientSecretFile: "testdata/secret"}
	id, secret, err := source.Credentials()
	if err != nil || id != "hunter2" || secret.Reveal() != "hunter2" {
		t.Errorf("%q, %q, %v: the newline at the end is no part of it", id, secret.Reveal(), err)
	}
	source.ClientSecretFile = "testdata/none"
	if _, _, err := source.Credentials(); err == nil || err.Error() != "open testdata/none: no such file or directory" {
		t.Errorf("error %v", err)
	}
}

// TestOddSecretFilesAreTold: what an editor or a copy has put beside a secret would only be seen as a login that fails.
func TestOddSecretFilesAreTold(t *testing.T) {
	for content, want := range map[string]string{
		"hunter2": "", "hunter2\n": "", "hunter2\r\n": "", "hun ter2\n": "",
		"": "empty", "\n": "empty",
		"\ufeffhunter2\n":               "byte order mark",
		"\xff\xfeh\x00u\x00n\x00":       "byte order mark",
		" hunter2\n":                    "blanks",
		"hunter2 \n":                    "blanks",
		"hunter2\t":                     "blanks",
		"hunter2\u3000\n":               "blanks",
		"hunter2\nclient_id: abc\n":     "more than one line",
		"# the secret\r\n\r\nhunter2\n": "more than one line",
	} {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		switch _, err := readSecret(file); {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: error %v, want %q", content, err, want)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("the message shows the secret: %v", err)
		}
	}
}
