package main

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestOutline(t *testing.T) {
	tests := map[string]struct{ src, want string }{
		"body": {
			"package p\nfunc f() { g(\"}\") }\nvar x int\n",
			"package p\nfunc f() \nvar x int\n",
		},
		"braces in a signature": {
			"package p\nfunc f(a struct{ b int }) interface{ M() } { return nil }\n",
			"package p\nfunc f(a struct{ b int }) interface{ M() } \n",
		},
		"type parameters": {
			"package p\nfunc f[T interface{ ~int }](t T) T { return t }\n",
			"package p\nfunc f[T interface{ ~int }](t T) T \n",
		},
		"function literals stay": {
			"package p\nvar f =\nfunc() int { return 1 }\ntype F func()\n",
			"package p\nvar f =\nfunc() int { return 1 }\ntype F func()\n",
		},
		"function without a body": {
			"package p\nfunc f()\nvar x = T{}\n",
			"package p\nfunc f()\nvar x = T{}\n",
		},
		"two functions on a line": {
			"package p; func f() {}; func g() {}\n",
			"package p; func f() ; func g() \n",
		},
		"comments": {
			"//go:build x\n\npackage p // p\n/* a\nb */ func f() { /* } */ } /* c */ var x = '\\''\n",
			"//go:build x\n\npackage p \n\n func f()    var x = '\\''\n",
		},
		"broken text stays as it is": {
			"package p\nfunc f() { \"\n",
			"package p\nfunc f() { \"\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := string(outline([]byte(test.src))); got != test.want {
				t.Errorf("outline of\n%s\nis\n%s\nand should be\n%s", test.src, got, test.want)
			}
		})
	}
}

// The standard library holds about every way to write a declaration, so its
// outlines must parse to what is left of its files without the bodies.
func TestOutlineOfStandardLibrary(t *testing.T) {
	root := filepath.Join(runtime.GOROOT(), "src")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the standard library's source is not there: %v", err)
	}
	for _, dir := range []string{"go", "net", "reflect", "runtime", "sync", "encoding", "slices", "crypto", "internal/types/testdata/check"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			compareOutline(t, path)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func compareOutline(t *testing.T, path string) {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, ok := printedDeclarations(path, src)
	if !ok {
		return // a file for the parser's own tests
	}
	got, ok := printedDeclarations(path, outline(src))
	if !ok || got != want {
		t.Errorf("the outline of %s does not declare what the file declares", path)
	}
}

// printedDeclarations parses src and prints its declarations without bodies.
// Each goes through one line, so that differences in white space do not count.
func printedDeclarations(path string, src []byte) (string, bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
	if err != nil {
		return "", false
	}
	var text strings.Builder
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok {
			fn.Body = nil
		}
		if err := format.Node(&text, fset, decl); err != nil {
			return "", false
		}
		text.WriteByte(';')
	}
	return strings.Join(strings.Fields(text.String()), " "), true
}
