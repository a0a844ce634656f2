package deploy

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// makeRelease makes a release for one platform and without the engine, whose 566 MB are not worth a test's time.
func makeRelease(t *testing.T) string {
	t.Helper()
	needDpkg(t)
	folder := t.TempDir()
	out, err := command(t, "..", "env", "PLATFORMS=linux/amd64", "deploy/release/build.sh", folder, "v1.2.3", "cafe")
	if err != nil && unreachable(out) {
		t.Skipf("what makes a release cannot be had here: %s", out)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return folder
}

func TestRelease(t *testing.T) {
	folder := makeRelease(t)
	for _, test := range []struct {
		name string
		run  func(t *testing.T, folder string)
	}{
		{"has everything", releaseIsWhole},
		{"has the checksums of all", releaseHasChecksums},
		{"has a program with its documents", releaseHasTheProgram},
		{"has what an image is made of", releaseHasTheContext},
		{"has the chart of its version", releaseHasTheChart},
		{"says what the program is made of", releaseHasTheMaterials},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, folder) })
	}
}

func releaseIsWhole(t *testing.T, folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	want := []string{"SHA256SUMS", "kaisen-1.2.3.tgz", "kaisen-image_1.2.3_amd64.tar.gz", "kaisen_1.2.3_amd64.deb",
		"kaisen_1.2.3_linux_amd64.sbom.json", "kaisen_1.2.3_linux_amd64.tar.gz"}
	if !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

func releaseHasChecksums(t *testing.T, folder string) {
	must(t, folder, "sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS")
	if n := strings.Count(read(t, filepath.Join(folder, "SHA256SUMS")), "\n"); n != 5 {
		t.Errorf("%d checksums", n)
	}
}

// tarball are the files of a packed folder with their contents.
func tarball(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for entries := tar.NewReader(unzipped); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry.Uid != 0 || entry.Gid != 0 || entry.Typeflag == tar.TypeSymlink {
			t.Errorf("%s belongs to %d:%d, type %c", entry.Name, entry.Uid, entry.Gid, entry.Typeflag)
		}
		content, err := io.ReadAll(entries)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimPrefix(entry.Name, "./")] = string(content)
	}
}

func releaseHasTheProgram(t *testing.T, folder string) {
	const name = "kaisen_1.2.3_linux_amd64"
	files := tarball(t, filepath.Join(folder, name+".tar.gz"))
	for _, want := range []string{"LICENSE", "third-party-licences", "changelog", "kaisen.example.yaml", "man/kaisen.1", "completion/kaisen.bash"} {
		if files[name+"/"+want] == "" {
			t.Errorf("no %s", want)
		}
	}
	program := write(t, t.TempDir(), "kaisen", files[name+"/kaisen"])
	must(t, ".", "chmod", "+x", program)
	if out := must(t, ".", program, "version"); !strings.HasPrefix(out, "kaisen v1.2.3 (revision cafe, ") {
		t.Errorf("version: %s", out)
	}
}

// The image is made of the stages of the Dockerfile, with files that the context has.
func releaseHasTheContext(t *testing.T, folder string) {
	files := tarball(t, filepath.Join(folder, "kaisen-image_1.2.3_amd64.tar.gz"))
	whole := read(t, "docker/Dockerfile")
	dockerfile := files["Dockerfile"]
	if strings.Count(dockerfile, "\nFROM ")+1 != 1 || !strings.HasPrefix(dockerfile, "FROM ") {
		t.Fatalf("Dockerfile:\n%s", dockerfile)
	}
	for line := range strings.Lines(dockerfile) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != "COPY" {
			if !strings.Contains(whole, line) {
				t.Errorf("not of the Dockerfile: %s", line)
			}
			continue
		}
		source := words[len(words)-2]
		if _, found := files[source]; !found && source != "data" {
			t.Errorf("copies %s, which the context does not have", source)
		}
		if strings.Contains(line, "--from=") {
			t.Errorf("copies from a stage that is not there: %s", line)
		}
	}
	base := regexp.MustCompile(`(?s)FROM gcr\.io/.*?\n\n`).FindString(whole)
	if got, want := strings.Count(dockerfile, "\n"), strings.Count(strings.TrimSpace(base), "\n")+1; got < want {
		t.Errorf("%d lines, the stage has %d", got, want)
	}
}

func releaseHasTheChart(t *testing.T, folder string) {
	chart := decode[map[string]any](t, tarball(t, filepath.Join(folder, "kaisen-1.2.3.tgz"))["kaisen/Chart.yaml"])
	if chart["version"] != "1.2.3" || chart["appVersion"] != "1.2.3" {
		t.Errorf("chart %v of kaisen %v", chart["version"], chart["appVersion"])
	}
	if !strings.Contains(read(t, "release/build.sh"), "helm="+helmProgram+"\n") {
		t.Errorf("the chart is packed with another helm than %s, which is tested", helmProgram)
	}
}

func releaseHasTheMaterials(t *testing.T, folder string) {
	var materials struct {
		BomFormat string
		Metadata  struct {
			Component struct{ Name, Version string }
		}
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(folder, "kaisen_1.2.3_linux_amd64.sbom.json"))), &materials); err != nil {
		t.Fatal(err)
	}
	if materials.BomFormat != "CycloneDX" || materials.Metadata.Component.Version != "v1.2.3" || len(materials.Components) < 20 {
		t.Errorf("%s of %v with %d components", materials.BomFormat, materials.Metadata.Component, len(materials.Components))
	}
	if !slices.ContainsFunc(materials.Components, func(c struct{ Name, Version string }) bool { return c.Name == "github.com/ClickHouse/ch-go" }) {
		t.Error("the client of the database is not among the components")
	}
}
