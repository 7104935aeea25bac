package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the answers into the cases in testdata; read the difference before you keep it")

// A case is a txtar archive in testdata. Its comment says what it is about and,
// in lines "touched: FILE ..." and "roots: PATTERN ...", what to ask. Files
// under overlay/ go into the request instead of on disk. The last file, "want",
// is the answer as describe writes it.
func TestVerify(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("there are no cases in testdata: %v", err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			checkCase(t, file)
		})
	}
}

func checkCase(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir()) // the go command does so
	if err != nil {
		t.Fatal(err)
	}
	req, want := unpack(t, archive, dir)
	got := ask(t, req)
	if *update {
		updateCase(t, file, archive, got)
	} else if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// unpack writes the case's files into dir and returns its request and the
// answer it wants.
func unpack(t *testing.T, archive *txtar.Archive, dir string) (*request, string) {
	t.Helper()
	req := &request{Dir: dir, Roots: []string{"./..."}, Overlay: make(map[string]string)}
	want := ""
	for _, file := range archive.Files {
		if file.Name == "want" {
			want = string(file.Data)
		} else if name, ok := strings.CutPrefix(file.Name, "overlay/"); ok {
			req.Overlay[filepath.Join(dir, name)] = string(file.Data)
		} else {
			write(t, filepath.Join(dir, file.Name), file.Data)
		}
	}
	for line := range strings.Lines(string(archive.Comment)) {
		if files, ok := strings.CutPrefix(line, "touched:"); ok {
			for _, file := range strings.Fields(files) {
				req.Touched = append(req.Touched, filepath.Join(dir, file))
			}
		}
		if roots, ok := strings.CutPrefix(line, "roots:"); ok {
			req.Roots = strings.Fields(roots)
		}
	}
	return req, want
}

func write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// ask sends the request through run, as main does, and describes the answer.
func ask(t *testing.T, req *request) string {
	t.Helper()
	in, err := json.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(bytes.NewReader(in), &out); err != nil {
		return redact(fmt.Sprintf("no answer: %v\n", err), req.Dir)
	}
	var ans answer
	if err := json.Unmarshal(out.Bytes(), &ans); err != nil {
		t.Fatalf("the answer is not JSON: %v\n%s", err, out.String())
	}
	return redact(describe(&ans), req.Dir)
}

// describe writes an answer as text that is easy to read and to compare.
func describe(ans *answer) string {
	var b strings.Builder
	fmt.Fprintln(&b, "packages:", strings.Join(ans.Packages, " "))
	fmt.Fprintln(&b, "touched:", strings.Join(ans.TouchedPackages, " "))
	for _, file := range slices.Sorted(maps.Keys(ans.Files)) {
		fmt.Fprintf(&b, "file: %s is in %s\n", file, ans.Files[file])
	}
	for _, file := range ans.Ignored {
		fmt.Fprintf(&b, "ignored: %s: %s\n", file.File, file.Reason)
	}
	for _, e := range ans.Errors {
		fmt.Fprintf(&b, "%s error in %s: %s%s\n", e.Kind, e.Package, e.place, indent(e.Message))
		for _, r := range e.Related {
			fmt.Fprintf(&b, "    related: %s%s\n", r.place, indent(r.Message))
		}
	}
	return b.String()
}

func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n    ") }

func (p place) String() string {
	switch {
	case p.File == "":
		return ""
	case p.EndLine == 0:
		return fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column)
	}
	return fmt.Sprintf("%s:%d:%d-%d:%d: ", p.File, p.Line, p.Column, p.EndLine, p.EndColumn)
}

// redact replaces what differs from machine to machine.
func redact(text, dir string) string {
	return strings.NewReplacer(
		dir+string(filepath.Separator), "",
		dir, "DIR",
		runtime.GOOS+"/"+runtime.GOARCH, "GOOS/GOARCH",
	).Replace(text)
}

func updateCase(t *testing.T, file string, archive *txtar.Archive, got string) {
	t.Helper()
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
		t.Fatal(err)
	}
}
