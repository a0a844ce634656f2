package deploy

import (
	"strings"
	"testing"
)

// kaisen is compiled for what `make release` makes programs for. Where chDB has no library, on Windows and in a release
// for macOS, it is kaisen without the embedded engine.
func TestKaisenIsCompiledForEveryPlatform(t *testing.T) {
	script := read(t, "release/build.sh")
	for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64"} {
		t.Run(platform, func(t *testing.T) {
			if !strings.Contains(script, platform) {
				t.Errorf("release/build.sh makes none for %s", platform)
			}
			system, architecture, _ := strings.Cut(platform, "/")
			must(t, "..", "env", "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+architecture,
				"go", "build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w", "-o", t.TempDir(), "./cmd/kaisen")
		})
	}
}
