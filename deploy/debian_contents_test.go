package deploy

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unpack is the package's tree, in a folder of the test's own.
func unpack(t *testing.T) string {
	t.Helper()
	needDpkg(t)
	root := t.TempDir()
	must(t, ".", "dpkg-deb", "--extract", deb(t, buildPackage(t)), root)
	return root
}

// Rules, dashboards, runbooks and templates of the package are those of the repository, all of them.
func TestThePackageHasWhatGoesWithIt(t *testing.T) {
	root := unpack(t)
	for installed, pattern := range map[string]string{
		"usr/share/kaisen/prometheus/rules":       "prometheus/rules/*.yml",
		"usr/share/kaisen/prometheus/targets":     "prometheus/targets/*.yml",
		"usr/share/kaisen/alertmanager/templates": "alertmanager/templates/*",
		"usr/share/kaisen/grafana/dashboards":     "../dashboards/*.json",
		"usr/share/doc/kaisen/runbooks":           "runbooks/*.md",
	} {
		sources, err := filepath.Glob(pattern)
		if err != nil || len(sources) == 0 {
			t.Fatalf("%d files %s, error %v", len(sources), pattern, err)
		}
		for _, source := range sources {
			path := filepath.Join(root, installed, filepath.Base(source))
			text, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
			} else if filepath.Ext(source) != ".md" && string(text) != read(t, source) {
				t.Errorf("%s/%s is another one", installed, filepath.Base(source))
			}
		}
	}
}

// What a document of the package links to is in the package, and no link of the file system leads out of it.
func TestLinksOfThePackageLeadSomewhere(t *testing.T) {
	root := unpack(t)
	link := regexp.MustCompile(`\]\(([^)\s#]+)(#[^)]*)?\)`)
	followed := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Type()&fs.ModeSymlink != 0 {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("a dangling link: %v", err)
			}
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		for _, found := range link.FindAllStringSubmatch(read(t, path), -1) {
			target := found[1]
			if strings.Contains(target, "://") {
				continue
			}
			followed++
			from := filepath.Dir(path)
			if strings.HasPrefix(target, "/") {
				from = root
			}
			if _, err := os.Stat(filepath.Join(from, target)); err != nil {
				t.Errorf("%s links to %s, which is not in the package", strings.TrimPrefix(path, root), target)
			}
		}
		return nil
	})
	if err != nil || followed < 10 {
		t.Errorf("%d links, error %v", followed, err)
	}
}

// Each module that is in the program has its licence in the package.
func TestThePackageHasTheLicences(t *testing.T) {
	root := unpack(t)
	licences := must(t, root, "gzip", "--decompress", "--stdout", "usr/share/doc/kaisen/third-party-licences.gz")
	modules := regexp.MustCompile(`(?m)^\tdep\t(\S+)\t(\S+)`).FindAllStringSubmatch(must(t, root, "go", "version", "-m", "usr/bin/kaisen"), -1)
	if len(modules) < 20 {
		t.Fatalf("%d modules", len(modules))
	}
	for _, module := range modules {
		if !strings.Contains(licences, "\n"+module[1]+" "+module[2]+"\n") {
			t.Errorf("no licence of %s %s", module[1], module[2])
		}
	}
	if !strings.Contains(licences, "Copyright 2009 The Go Authors") || strings.Count(licences, "opyright") < len(modules) {
		t.Error("the licences are not whole")
	}
}

// A secret is where the configuration says, and a unit that says it as well would win without a word.
func TestTheUnitOverridesNothing(t *testing.T) {
	text := read(t, unit)
	for _, variable := range regexp.MustCompile(`(?m)^Environment=(\w+)`).FindAllStringSubmatch(text, -1) {
		if variable[1] != "KAISEN_LIBCHDB" { // which is no key of the configuration
			t.Errorf("the unit overrides the configuration with %s", variable[1])
		}
	}
	if regexp.MustCompile(`(?m)^(LoadCredential|AssertPathExists).*secret`).MatchString(text) {
		t.Error("the unit knows one account's secret, and there may be several")
	}
	cfg := decode[struct {
		Sources []struct {
			Secret string `yaml:"client_secret_file"`
		}
	}](t, read(t, "debian/kaisen.yaml"))
	folder := "/etc/kaisen/secrets"
	if len(cfg.Sources) != 1 || filepath.Dir(cfg.Sources[0].Secret) != folder {
		t.Errorf("sources %v", cfg.Sources)
	}
	if !strings.Contains(read(t, "debian/postinst"), "install -d -o root -g kaisen -m 2750 "+folder+" ") || !strings.Contains(read(t, "debian/postrm"), "rm -rf "+folder+"\n") {
		t.Error("nobody makes the folder of the secrets, or removes it")
	}
}
