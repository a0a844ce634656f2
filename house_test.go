package kaisen_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxLines is the most a Go file may have: what is longer has two jobs.
const maxLines = 400

// source is one Go file of ours.
type source struct {
	path string
	file *ast.File
	fset *token.FileSet
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// testSupport reports whether a package exists for tests, like net/http/httptest.
func (s source) testSupport() bool { return strings.HasSuffix(s.file.Name.Name, "test") }

func (s source) at(node ast.Node) string { return s.fset.Position(node.Pos()).String() }

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != "." && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		s := source{path: path, fset: token.NewFileSet()}
		s.file, err = parser.ParseFile(s.fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		all = append(all, s)
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d Go files, error %v", len(all), err)
	}
	return all
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	described := map[string]bool{}
	for _, s := range sources(t) {
		folder := filepath.Dir(s.path)
		if s.isTest() && folder != "." {
			continue
		}
		text := s.file.Doc.Text()
		described[folder] = described[folder] || strings.HasPrefix(text, "Package "+s.file.Name.Name) ||
			s.file.Name.Name == "main" && strings.HasPrefix(text, "Command ")
	}
	for folder, ok := range described {
		if !ok {
			t.Errorf("%s has no package comment", folder)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if lines := s.fset.File(s.file.Pos()).LineCount(); lines > maxLines {
			t.Errorf("%s has %d lines, at most %d", s.path, lines, maxLines)
		}
	}
}

func TestNothingHappensAtImport(t *testing.T) {
	for _, s := range sources(t) {
		for _, declaration := range s.file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "init" && d.Recv == nil {
					t.Errorf("%s: func init", s.at(d))
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR && !s.isTest() && !s.testSupport() {
					checkVars(t, s, d)
				}
			}
		}
	}
}

// checkVars lets through what is a constant in all but name: errors, patterns, embedded files, the proof that a type
// has an interface, and what the linker sets in a command.
func checkVars(t *testing.T, s source, d *ast.GenDecl) {
	t.Helper()
	if strings.Contains(comments(d.Doc), "go:embed") {
		return
	}
	for _, spec := range d.Specs {
		value := spec.(*ast.ValueSpec)
		for i, name := range value.Names {
			var initial ast.Expr
			if i < len(value.Values) {
				initial = value.Values[i]
			}
			linked := s.file.Name.Name == "main" && initial == nil
			if name.Name != "_" && !linked && !constant(initial) && !strings.Contains(comments(value.Doc), "go:embed") {
				t.Errorf("%s: package-level variable %s", s.at(name), name.Name)
			}
		}
	}
}

// constant reports whether nobody can change the result of a call.
func constant(initial ast.Expr) bool {
	call, ok := initial.(*ast.CallExpr)
	if !ok {
		return false
	}
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := function.X.(*ast.Ident)
	if !ok {
		return false
	}
	switch of.Name + "." + function.Sel.Name {
	case "errors.New", "fmt.Errorf", "regexp.MustCompile", "strings.NewReplacer":
		return true
	}
	return false
}

// comments is the text of a group as written; Text leaves directives out.
func comments(group *ast.CommentGroup) string {
	var text strings.Builder
	if group != nil {
		for _, comment := range group.List {
			text.WriteString(comment.Text)
		}
	}
	return text.String()
}

// TestErrorsSpeakWithOneVoice: that it failed is what an error says by being one.
func TestErrorsSpeakWithOneVoice(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			if text, ok := node.(*ast.BasicLit); ok && text.Kind == token.STRING && strings.Contains(text.Value, "failed "+"to ") {
				t.Errorf("%s: %s", s.at(text), text.Value)
			}
			return true
		})
	}
}

// TestFilesNameNoMachine: a registry's host or a path of somebody's machine makes a file work in one place only.
func TestFilesNameNoMachine(t *testing.T) {
	listed, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skipf("no git checkout: %v", err)
	}
	banned := []string{
		"registry." + "npmjs", "proxy.golang" + ".org", "deb.debian" + ".org", "/ro" + "ot/", "/wo" + "rk/", "/ho" + "me/", "/Us" + "ers/",
	}
	for path := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		content, err := os.ReadFile(path)
		if os.IsNotExist(err) { // removed, but not yet from the index
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range banned {
			if bytes.Contains(content, []byte(word)) {
				t.Errorf("%s holds %s", path, word)
			}
		}
	}
}
