package deploy

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestVersionsOfThePackage(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1800000000") // 2027-01-15
	for version, want := range map[string]string{
		"v2.0.1":             "2.0.1",
		"v2.0.1-4-gcafe":     "2.0.1+4+gcafe",
		"v2.0.1-rc1":         "2.0.1~rc1",
		"v2.0.1-rc.2-4-gcaf": "2.0.1~rc.2+4+gcaf",
		"v0.0.0-123-gcafe":   "0.0.0+123+gcafe",
		"26.7.3-stable.1":    "26.7.3+stable.1",
		"d139288":            "0~20270115.d139288",
		"1234567-dirty":      "0~20270115.1234567+dirty",
		"unknown":            "0~20270115.unknown",
	} {
		if got := strings.TrimSpace(must(t, ".", "debian/version.sh", version)); got != want {
			t.Errorf("%s is %s, want %s", version, got, want)
		}
	}
}

// What was made later is an upgrade, also of two commits of one day.
func TestVersionsOfThePackageSort(t *testing.T) {
	needDpkg(t)
	t.Setenv("SOURCE_DATE_EPOCH", "1800000000")
	before := "0~20200101.ffffff" // of a kaisen that had no versions
	for _, version := range []string{"unknown", "v0.0.0-9-gffff", "v0.0.0-10-g0000", "v0.1.0-alpha1", "v0.1.0-rc1", "v0.1.0-rc1-3-g9999", "v0.1.0-rc2",
		"v0.1.0", "v0.1.0-9-gffff", "v0.1.0-10-g0000", "v0.1.1", "v0.10.0"} {
		now := strings.TrimSpace(must(t, ".", "debian/version.sh", version))
		if out, err := command(t, ".", "dpkg", "--compare-versions", before, "lt", now); err != nil {
			t.Errorf("%s is no upgrade of %s %s", now, before, out)
		}
		before = now
	}
}

// The version of a checkout is its tag, and counts on from there.
func TestTheVersionComesFromTheTag(t *testing.T) {
	folder := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		must(t, folder, "git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.invalid"}, args...)...)
	}
	version := func() string { return strings.TrimSpace(must(t, folder, "deploy/release/version.sh")) }
	must(t, ".", "mkdir", "-p", filepath.Join(folder, "deploy", "release"))
	must(t, ".", "cp", "release/version.sh", filepath.Join(folder, "deploy", "release"))
	if got := version(); got != "unknown" {
		t.Errorf("no checkout is %s", got)
	}
	git("init", "--quiet")
	git("add", ".")
	git("commit", "--quiet", "--message", "one")
	git("commit", "--quiet", "--allow-empty", "--message", "two")
	if got := version(); !regexp.MustCompile(`^v0\.0\.0-2-g[0-9a-f]{7,}$`).MatchString(got) {
		t.Errorf("without a tag it is %s", got)
	}
	git("tag", "v1.2.3")
	git("tag", "nightly")
	if got := version(); got != "v1.2.3" {
		t.Errorf("at its tag it is %s", got)
	}
	git("commit", "--quiet", "--allow-empty", "--message", "three")
	if got := version(); !regexp.MustCompile(`^v1\.2\.3-1-g[0-9a-f]{7,}$`).MatchString(got) {
		t.Errorf("after its tag it is %s", got)
	}
	write(t, filepath.Join(folder, "deploy", "release"), "version.sh", read(t, "release/version.sh")+"\n")
	must(t, folder, "chmod", "+x", "deploy/release/version.sh")
	if got := version(); !strings.HasSuffix(got, "-dirty") {
		t.Errorf("changed, it is %s", got)
	}
}
