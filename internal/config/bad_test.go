package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/kinds"
)

// TestBadFiles loads one file a mistake. Its first line says what must be said, to the letter and nothing else.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 70 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(content), "\n")
			want := "configuration " + file + ": 1 mistake\n  " + strings.TrimPrefix(first, "# ")
			cfg, err := Check(kinds.All(), file, nil, nil)
			if err == nil || cfg != nil {
				t.Fatalf("loaded %v, want %s", cfg, want)
			}
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the message shows a secret")
			}
		})
	}
}

// TestABadLabelsFileStopsNothing: what is wrong with labels_file is a warning to whoever starts, and a mistake to who checks; what
// is wrong with the configuration beside it stays one to both.
func TestABadLabelsFileStopsNothing(t *testing.T) {
	for _, name := range []string{"labels_file", "labels_header", "info_labels_column", "info_labels_no_columns"} {
		cfg, err := Load(kinds.All(), "testdata/bad/"+name+".yaml", nil, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if warnings := cfg.Warnings(); len(warnings) != 1 || !strings.HasPrefix(warnings[0], "labels_file: ") {
			t.Errorf("%s: warnings %q", name, warnings)
		}
		if _, err := LoadWithoutSources(kinds.All(), "testdata/bad/"+name+".yaml", nil, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"info_labels_form", "info_labels_taken", "info_labels_twice", "info_labels_without_file"} {
		if _, err := Load(kinds.All(), "testdata/bad/"+name+".yaml", nil, nil); err == nil {
			t.Errorf("%s: no mistake", name)
		}
	}
}

func TestTenMistakesAreTen(t *testing.T) {
	_, err := Load(kinds.All(), "testdata/ten.yaml", nil, nil)
	var mistakes Mistakes
	if !errors.As(err, &mistakes) {
		t.Fatalf("error %v is no list of mistakes", err)
	}
	var paths []string
	for _, mistake := range mistakes {
		paths = append(paths, mistake.Path)
	}
	want := []string{
		"exporter.listen", "log.level", "sources[0].contracts[1]", "sources[0].jobs.traffic.interval",
		"sources[0].rate_limit.burst", "sources[1].client_secert", "sources[1].name", "store.kind",
		"store.retention.samples", "time_zone",
	}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if !strings.HasPrefix(err.Error(), "configuration testdata/ten.yaml: 10 mistakes\n  exporter.listen: ") {
		t.Errorf("the error begins otherwise: %v", err)
	}
}

func TestUnreadable(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"indent", "log:\n  level: info\n format: text\n", "line 2: did not find expected key"}, // the library names the line before,
		{"tab", "log:\n\tlevel: info\n", "line 2: found character that cannot start any token"},
		{"quote", "log: {level: 'info}\n", "line 2: found unexpected end of stream"},
		{"list", "- log\n", "expected a mapping of keys at the top"},
		{"two documents", "log: {}\n---\nlog: {}\n", "holds a second YAML document behind a line of three dashes, which would be ignored; remove it"},
		{"asterisk", "sources: [{client_secret: *hunter2}]\n", "a value begins with an asterisk, which YAML reads as a reference; put it in quotes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := write(t, test.text)
			_, err := Load(kinds.All(), file, nil, nil)
			if want := "configuration " + file + ": " + test.want; err == nil || err.Error() != want {
				t.Errorf("error %q, want %q", err, want)
			}
		})
	}
	_, err := Load(kinds.All(), "testdata/none.yaml", nil, nil)
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != "configuration testdata/none.yaml: no such file or directory" {
		t.Errorf("error %q for a missing file", err)
	}
}

// write puts text into a file of its own.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kaisen.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// FuzzLoad: whatever stands in the file, the answer is a configuration or a list of mistakes.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.yaml", "testdata/ten.yaml", "../../deploy/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content)
		}
	}
	f.Add([]byte("a: &a {b: 1}\nlog: *a\nsources: [null, {jobs: {1: 2}}, *a]\n? [x]\n: y\n"))
	f.Add([]byte("---\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		file := write(t, string(content))
		cfg, err := Load(kinds.All(), file, nil, nil)
		if (cfg == nil) != (err != nil) {
			t.Errorf("configuration %v and error %v", cfg, err)
		}
	})
}
