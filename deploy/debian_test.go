package deploy

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// packages is where the package was built, once for all tests that use it.
type packages struct {
	once   sync.Once
	folder string
	output string
	err    error
}

var built packages

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(built.folder)
	os.Exit(code)
}

// buildPackage runs make deb, which builds the program too, and returns the folder with both.
func buildPackage(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "kaisen-deb-"); built.err == nil {
			built.output, built.err = command(t, "..", "make", "--no-print-directory", "deb", "BIN="+built.folder, "VERSION=v1.2.3", "REVISION=cafe")
		}
	})
	if built.err != nil && unreachable(built.output) {
		t.Skipf("nfpm cannot be had here: %s", built.output)
	}
	if built.err != nil {
		t.Fatalf("make deb: %v\n%s", built.err, built.output)
	}
	return built.folder
}

// deb is the one package in a folder.
func deb(t *testing.T, folder string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "kaisen_1.2.3_*.deb"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d packages, error %v", len(found), err)
	}
	return found[0]
}

func needDpkg(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("there is no dpkg-deb on this machine")
	}
}

func TestThePackageHoldsWhatIsInstalled(t *testing.T) {
	needDpkg(t)
	path := deb(t, buildPackage(t))
	contents := must(t, ".", "dpkg-deb", "--contents", path)
	for _, want := range []string{
		`-rwxr-xr-x root/root .* \./usr/bin/kaisen`,
		`-rw-r--r-- root/root .* \./usr/lib/systemd/system/kaisen\.service`,
		`-rw-r----- root/root .* \./etc/kaisen/kaisen\.yaml`,
		`\./usr/share/man/man1/kaisen\.1\.gz`,
		`\./usr/share/man/man1/kaisen-run\.1\.gz`,
		`\./usr/share/bash-completion/completions/kaisen`,
		`\./usr/share/zsh/vendor-completions/_kaisen`,
		`\./usr/share/fish/vendor_completions\.d/kaisen\.fish`,
		`\./usr/share/doc/kaisen/README\.md`,
		`\./usr/share/doc/kaisen/kaisen\.example\.yaml`,
		`\./usr/share/doc/kaisen/examples/50-lines\.yaml`,
		`\./usr/share/doc/kaisen/copyright`,
		`\./usr/share/doc/kaisen/changelog\.gz`,
		`\./usr/share/doc/kaisen/third-party-licences\.gz`,
		`\./usr/share/doc/kaisen/runbooks/lines\.md`,
		`\./usr/share/kaisen/prometheus/prometheus\.yml`,
		`\./usr/share/kaisen/alertmanager/alertmanager\.yml`,
		`\./usr/share/kaisen/alertmanager/templates/kaisen\.tmpl`,
		`\./usr/share/kaisen/grafana/provisioning/datasources/kaisen\.yaml`,
		`\./usr/share/kaisen/grants\.sql`,
	} {
		if !regexp.MustCompile(`(?m)` + want + `$`).MatchString(contents) {
			t.Errorf("not in the package: %s", want)
		}
	}
	if strings.Contains(contents, "libchdb") {
		t.Error("the engine is in the package")
	}
	if conffiles := must(t, ".", "dpkg-deb", "--info", path, "conffiles"); strings.TrimSpace(conffiles) != "/etc/kaisen/kaisen.yaml" {
		t.Errorf("conffiles: %q", conffiles)
	}
	if version := must(t, ".", "dpkg-deb", "--field", path, "Version"); version != "1.2.3\n" {
		t.Errorf("version %q", version)
	}
}

func TestWhatThePackageInstallsWorks(t *testing.T) {
	needDpkg(t)
	root := t.TempDir()
	must(t, ".", "dpkg-deb", "--extract", deb(t, buildPackage(t)), root)
	if out := must(t, root, "usr/bin/kaisen", "version"); !strings.HasPrefix(out, "kaisen v1.2.3 (revision cafe, ") {
		t.Errorf("kaisen version: %s", out)
	}
	page := must(t, root, "gzip", "--decompress", "--stdout", "usr/share/man/man1/kaisen-config-check.1.gz")
	if !strings.Contains(page, `.TH "KAISEN-CONFIG-CHECK" "1"`) || !strings.Contains(page, "List everything that is wrong") {
		t.Errorf("manual page:\n%s", page)
	}
	must(t, root, "bash", "-n", "usr/share/bash-completion/completions/kaisen")
	for _, script := range []string{"postinst", "prerm", "postrm"} {
		if text := must(t, ".", "dpkg-deb", "--info", deb(t, buildPackage(t)), script); text != read(t, "debian/"+script) {
			t.Errorf("%s is another one:\n%s", script, text)
		}
	}
}

// The same commit makes the same package.
func TestThePackageIsReproducible(t *testing.T) {
	folder := buildPackage(t)
	again := t.TempDir()
	must(t, ".", "cp", filepath.Join(folder, "kaisen"), again)
	must(t, ".", "debian/build.sh", again, "v1.2.3")
	first, err := os.ReadFile(deb(t, folder))
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(deb(t, again))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("built twice, it is not the same")
	}
}
