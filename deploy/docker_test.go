package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// There is no Docker where the tests run. What a build would stumble over first is checked by reading: stages that are
// there, files that are there and not kept out of the build, and the Go that go.mod asks for.
func TestTheDockerfile(t *testing.T) {
	text := strings.ReplaceAll(read(t, "docker/Dockerfile"), "\\\n", " ")
	ignored := strings.Fields(read(t, "docker/Dockerfile.dockerignore"))
	var stages []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		switch words[0] {
		case "FROM":
			if len(words) != 4 || words[2] != "AS" {
				t.Errorf("a stage without a name: %s", line)
				continue
			}
			if !strings.ContainsAny(words[1], ":") && !slices.Contains(stages, words[1]) {
				t.Errorf("%s comes from %s, which is no stage before it", words[3], words[1])
			}
			stages = append(stages, words[3])
		case "COPY":
			checkCopy(t, words[1:], stages, ignored)
		case "RUN":
			for _, name := range regexp.MustCompile(` (\./[\w/]+)`).FindAllStringSubmatch(line, -1) {
				if _, err := os.Stat(filepath.Join("..", name[1])); err != nil {
					t.Errorf("builds what is not there: %v", err)
				}
			}
		case "ADD":
			t.Errorf("COPY does what is meant, and no more: %s", line)
		}
	}
	if want := []string{"build", "fetch", "base", "engine", "kaisen"}; !slices.Equal(stages, want) {
		t.Errorf("stages %v, want %v", stages, want)
	}
	version := regexp.MustCompile(`\ngo (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))[1]
	for _, want := range []string{"FROM golang:" + version + "-", "USER 65532:65532", `CMD ["/usr/bin/kaisen", "health"]`, "CGO_ENABLED=0"} {
		if !strings.Contains(text, want) {
			t.Errorf("the Dockerfile does not say %s", want)
		}
	}
}

// checkCopy looks at the sources of a COPY: in an earlier stage, or in the repository.
func checkCopy(t *testing.T, words, stages, ignored []string) {
	t.Helper()
	from := ""
	for strings.HasPrefix(words[0], "--") {
		if stage, found := strings.CutPrefix(words[0], "--from="); found {
			from = stage
		}
		words = words[1:]
	}
	if from != "" {
		if !slices.Contains(stages, from) {
			t.Errorf("copies from %s, which is no stage before it", from)
		}
		return
	}
	for _, source := range words[:len(words)-1] {
		if _, err := os.Stat(filepath.Join("..", source)); err != nil || slices.Contains(ignored, source) {
			t.Errorf("copies what is not there, or kept out: %s %v", source, err)
		}
	}
}
