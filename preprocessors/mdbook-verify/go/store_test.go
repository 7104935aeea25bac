package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// An edit gives a file of the module below a new text, or none for "".
type edit struct{ name, file, text string }

var edits = []edit{
	{"a body", "a/a.go", "package a\n\ntype T struct{ n int }\n\nfunc New(n int) *T { return &T{n: n + 1} }\n\nfunc (t *T) N() int { return t.n }\n"},
	{"a wrong body", "a/a.go", "package a\n\ntype T struct{ n int }\n\nfunc New(n int) *T { return &T{n: \"\"} }\n\nfunc (t *T) N() int { return t.n }\n"},
	{"a signature", "a/a.go", "package a\n\ntype T struct{ n int }\n\nfunc New(n string) *T { return &T{} }\n\nfunc (t *T) N() int { return t.n }\n"},
	{"a type that is gone", "a/a.go", "package a\n\nfunc New(n int) int { return n }\n"},
	{"an open brace", "a/a.go", "package a\n\ntype T struct{ n int }\n\nfunc New(n int) *T { return &T{n: n} }\n\nfunc (t *T) N() int { if t.n == 1 {return t.n }\n"},
	{"a stray word", "a/a.go", "package a\n\ntype T struct{ n int }\n\nword\n\nfunc New(n int) *T { return &T{n: n} }\n\nfunc (t *T) N() int { return t.n }\n"},
	{"a build constraint", "a/a.go", "//go:build ignore\n\npackage a\n"},
	{"a generic function", "a/more.go", "package a\n\nfunc Of[X any](x X) []X { return []X{x} }\n"},
	{"no more", "a/more.go", ""},
	{"another clause", "a/more.go", "package b\n"},
	{"a method of an embedded type", "b/b.go", "package b\n\nimport \"example.com/m/a\"\n\ntype B struct{ *a.T }\n\nfunc Make() B { return B{a.New(1)} }\n"},
	{"its dependency by alias", "b/b.go", "package b\n\nimport x \"example.com/m/a\"\n\ntype B = x.T\n\nfunc Make() *B { return x.New(1) }\n"},
	{"a cycle", "b/b.go", "package b\n\nimport _ \"example.com/m/c\"\n"},
	{"no import", "b/b.go", "package b\n\ntype B struct{}\n\nfunc (B) N() int { return 1 }\n\nfunc Make() B { return B{} }\n"},
	{"an embedded file", "b/embed.go", "package b\n\nimport _ \"embed\"\n\n//go:embed text\nvar Text string\n"},
	{"no file to embed", "b/text", ""},
	{"another file to embed", "b/embed.go", "package b\n\nimport _ \"embed\"\n\n//go:embed other\nvar Text string\n"},
	{"c body", "c/c.go", "package c\n\nimport (\n\t\"example.com/m/a\"\n\t\"example.com/m/b\"\n)\n\nvar X *a.T = b.Make()\n\nfunc F() *a.T { return X }\n"},
	{"c wrong body", "c/c.go", "package c\n\nimport (\n\t\"example.com/m/a\"\n\t\"example.com/m/b\"\n)\n\nvar X *a.T = b.Make()\n\nfunc F() *a.T { return 1 }\n"},
	{"a standard package", "c/c.go", "package c\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/m/b\"\n)\n\nfunc F() string { return fmt.Sprint(b.Make().N()) }\n"},
	{"a missing package", "c/c.go", "package c\n\nimport \"example.com/m/none\"\n\nvar X = none.X\n"},
	{"a test", "a/a_test.go", "package a\n\nimport \"testing\"\n\nfunc TestNew(t *testing.T) { _ = New(1).n }\n"},
	{"an external test", "a/a_test.go", "package a_test\n\nimport (\n\t\"testing\"\n\n\t\"example.com/m/a\"\n\t\"example.com/m/b\"\n)\n\nfunc TestNew(t *testing.T) { _, _ = a.New(1).N(), b.Make() }\n"},
	{"an older Go", "go.mod", "module example.com/m\n\ngo 1.17\n"},
	{"a newer Go", "go.mod", "module example.com/m\n\ngo 1.25\n"},
	{"a broken go.mod", "go.mod", "module example.com/m\n\nnonsense\n"},
}

// With a store an answer is what it is without one, whatever was asked before:
// each edit alone, and then another one upon it.
func TestStoreChangesNothing(t *testing.T) {
	store := t.TempDir()
	t.Run("edits", func(t *testing.T) {
		for i, first := range edits {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			seconds := []edit{edits[random.IntN(len(edits))], edits[random.IntN(len(edits))], edits[random.IntN(len(edits))]}
			for _, second := range edits {
				if second.name == telling[first.name] {
					seconds = append(seconds, second)
				}
			}
			for _, second := range seconds {
				t.Run(first.name+" and "+second.name, func(t *testing.T) {
					t.Parallel()
					checkEdits(t, store, []edit{first, second})
				})
			}
		}
	})
}

// Pairs of edits of which each alone would hide a mistake: what a key leaves out
// must change while all else that it holds does not.
var telling = map[string]string{
	"a generic function": "an older Go",
	"an embedded file":   "another file to embed",
	"a wrong body":       "c wrong body",
}

var unedited = []edit{
	{"", "go.mod", "module example.com/m\n\ngo 1.25\n"},
	{"", "a/a.go", "package a\n\ntype T struct{ n int }\n\nfunc New(n int) *T { return &T{n: n} }\n\nfunc (t *T) N() int { return t.n }\n"},
	{"", "b/b.go", "package b\n\nimport \"example.com/m/a\"\n\nfunc Make() *a.T { return a.New(1) }\n"},
	{"", "b/text", "text"},
	{"", "c/c.go", "package c\n\nimport (\n\t\"example.com/m/a\"\n\t\"example.com/m/b\"\n)\n\nvar X *a.T = b.Make()\n"},
}

func checkEdits(t *testing.T, store string, edits []edit) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	touched := []string{filepath.Join(dir, "a/a.go")}
	for i, e := range append(unedited, edits...) {
		file := filepath.Join(dir, e.file)
		if e.text == "" {
			_ = os.Remove(file) // it may not be there
		} else {
			write(t, file, []byte(e.text))
		}
		if i+1 < len(unedited) {
			continue
		}
		if filepath.Ext(file) == ".go" {
			touched = append(touched, file)
		}
		req := &request{Dir: dir, Roots: []string{"./..."}, Touched: touched}
		want := ask(t, req)
		req.Store = store
		for _, state := range []string{"cold", "warm"} {
			if got := ask(t, req); got != want {
				t.Fatalf("after %q in %s, %s store:\n%s\nwithout a store:\n%s", e.name, e.file, state, got, want)
			}
		}
	}
}

// A changed function must cost neither a go command nor the check of what
// depends on it; otherwise the store is for nothing.
func TestStoreSavesWork(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.mod"), []byte("module example.com/m\n\ngo 1.25\n"))
	write(t, filepath.Join(dir, "a/a.go"), []byte("package a\n\nfunc F() int { return 1 }\n"))
	write(t, filepath.Join(dir, "b/b.go"), []byte("package b\n\nimport \"example.com/m/a\"\n\nvar X = a.F()\n"))
	req := &request{Dir: dir, Roots: []string{"./..."}, Touched: []string{filepath.Join(dir, "a/a.go")}, Store: t.TempDir()}
	verifyLoads(t, req, 2)
	verifyLoads(t, req, 0)
	write(t, filepath.Join(dir, "a/a.go"), []byte("package a\n\nfunc F() int { return 2 }\n"))
	verifyLoads(t, req, 1)
	write(t, filepath.Join(dir, "a/a.go"), []byte("package a\n\nfunc F() string { return \"\" }\n"))
	verifyLoads(t, req, 2)
}

func verifyLoads(t *testing.T, req *request, loaded int) {
	t.Helper()
	ans, err := verify(req)
	if err != nil {
		t.Fatal(err)
	}
	if ans.Loaded != loaded || len(ans.Errors) > 0 || len(ans.Packages) != 2 {
		t.Errorf("%d packages were loaded instead of %d, of %v: %v", ans.Loaded, loaded, ans.Packages, ans.Errors)
	}
}

func TestStoreForgets(t *testing.T) {
	s := store{t.TempDir()}
	s.write(kindClean, "old", nil)
	s.write(kindClean, "new", []byte("x"))
	past := time.Now().Add(-2 * keptFor)
	if err := os.Chtimes(s.file(kindClean, "old"), past, past); err != nil {
		t.Fatal(err)
	}
	s.trim()
	if data, ok := s.read(kindClean, "new"); !ok || string(data) != "x" || s.has(kindClean, "old") {
		t.Error("what is in use should stay, what is old should go")
	}
}
