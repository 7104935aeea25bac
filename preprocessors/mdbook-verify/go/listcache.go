package main

import (
	"bytes"
	"encoding/gob"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"
)

const kindListing = "listing"

// cachedListing returns the program as listProgram does, from an earlier run if
// nothing changed that the go command looks at: the names of all files, the
// text of go.mod and its like, and of Go files what stands before their first
// declaration. So a changed function needs no go command at all.
func (l *lister) cachedListing(s store, req *request) *program {
	tests := testDirs(req.Touched)
	key, ok := l.listingKey(s, req, tests)
	if ok {
		if data, found := s.read(kindListing, key); found {
			if prog := decodeListing(data); prog != nil {
				return prog
			}
		}
	}
	prog := l.listProgram(req.Roots, tests)
	if ok && prog.isLasting(req.Dir) {
		if data, err := encodeListing(prog); err == nil {
			s.write(kindListing, key, data)
		}
	}
	return prog
}

// listingKey reports false if something that belongs to the key cannot be read.
func (l *lister) listingKey(s store, req *request, tests []string) (string, bool) {
	if s.dir == "" {
		return "", false
	}
	files, err := l.relevantFiles(req)
	if err != nil {
		return "", false
	}
	d := newDigest()
	for _, name := range []string{"GOFLAGS", "GOOS", "GOARCH", "CGO_ENABLED", "GOMODCACHE", "GOWORK", "GOEXPERIMENT", "GOPATH"} {
		d.add(name, os.Getenv(name))
	}
	d.add(req.Dir)
	d.add(req.Roots...)
	d.add("tests")
	d.add(tests...)
	d.add("files")
	for _, file := range files {
		d.add(file.name, file.text)
	}
	return d.key(), true
}

// A relevantFile is a file below the folder in which the go command runs, with
// as much of its text as the go command may look at.
type relevantFile struct{ name, text string }

func (l *lister) relevantFiles(req *request) ([]relevantFile, error) {
	names := maps.Clone(req.Overlay) // files that the overlay adds
	if names == nil {
		names = make(map[string]string)
	}
	err := filepath.WalkDir(req.Dir, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names[file] = ""
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	files := make([]relevantFile, 0, len(names))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		files = append(files, relevantFile{name: name})
	}
	return files, inParallel(len(files), func(i int) error {
		text, err := relevantText(files[i].name, req.Overlay)
		files[i].text = text
		return err
	})
}

func relevantText(name string, overlay map[string]string) (string, error) {
	base := filepath.Base(name)
	isGo := strings.HasSuffix(base, ".go")
	isModule := slices.Contains([]string{"go.mod", "go.sum", "go.work", "go.work.sum", "modules.txt"}, base)
	if !isGo && !isModule {
		return "", nil
	}
	src, err := readSource(overlay, name)
	if err != nil || isModule {
		return string(src), err
	}
	return header(src), nil
}

// header returns what stands before the first declaration of a Go file, and all
// of a file that does not parse up to there or that embeds others: the go
// command looks for its go:embed directives everywhere.
func header(src []byte) string {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ImportsOnly|parser.SkipObjectResolution)
	if err != nil {
		return string(src)
	}
	end := file.Name.End()
	for _, decl := range file.Decls {
		end = max(end, decl.End())
	}
	for _, spec := range file.Imports {
		if spec.Path.Value == `"embed"` || spec.Path.Value == `"C"` {
			return string(src)
		}
	}
	return string(src[:fset.Position(end).Offset])
}

// isLasting reports whether a later listing can be told to be the same by the
// files below dir: nothing is wrong with it, since the network may be at fault,
// and all of it stands there or where nobody changes anything.
func (prog *program) isLasting(dir string) bool {
	if prog.hasErrors() {
		return false
	}
	places := newPlaces(prog, dir)
	for _, pkg := range prog.packages {
		if pkg.Dir != "" && !places.isKnown(pkg.Dir) {
			return false
		}
	}
	return true
}

// places are the folders that packages stand in.
type places struct{ dir, modules, goRoot string }

func newPlaces(prog *program, dir string) places {
	p := places{dir: dir, modules: os.Getenv("GOMODCACHE")}
	// The Go installation is where the package runtime is.
	if pkg := prog.packages["runtime"]; pkg != nil {
		p.goRoot = filepath.Dir(pkg.Dir)
	}
	return p
}

func (p places) isKnown(dir string) bool { return isBelow(dir, p.dir) || p.isImmutable(dir) }

// isImmutable reports whether the text of a package is told by its folder.
func (p places) isImmutable(dir string) bool {
	return isBelow(dir, p.modules) || isBelow(dir, p.goRoot)
}

func isBelow(dir, folder string) bool {
	return folder != "" && strings.HasPrefix(dir, filepath.Clean(folder)+string(filepath.Separator))
}

// A listed package is what is kept of a packages.Package.
type listed struct {
	ID, Name, PkgPath, Dir, ForTest string
	GoFiles, IgnoredFiles           []string
	EmbedFiles, OtherFiles          []string
	Imports                         map[string]string // by import path, IDs
	HasModule                       bool
	GoVersion                       string
}

type listing struct {
	Packages []listed
	Roots    []string
}

func encodeListing(prog *program) ([]byte, error) {
	var kept listing
	for _, id := range slices.Sorted(maps.Keys(prog.packages)) {
		pkg := prog.packages[id]
		p := listed{
			ID: pkg.ID, Name: pkg.Name, PkgPath: pkg.PkgPath, Dir: pkg.Dir, ForTest: pkg.ForTest,
			GoFiles: pkg.GoFiles, IgnoredFiles: pkg.IgnoredFiles,
			EmbedFiles: pkg.EmbedFiles, OtherFiles: pkg.OtherFiles,
			Imports: make(map[string]string, len(pkg.Imports)),
		}
		for path, imported := range pkg.Imports {
			p.Imports[path] = imported.ID
		}
		if pkg.Module != nil {
			p.HasModule, p.GoVersion = true, pkg.Module.GoVersion
		}
		kept.Packages = append(kept.Packages, p)
	}
	for _, root := range prog.roots {
		kept.Roots = append(kept.Roots, root.ID)
	}
	var data bytes.Buffer
	err := gob.NewEncoder(&data).Encode(kept)
	return data.Bytes(), err
}

// decodeListing returns nil if the data is not whole, or if a folder that it
// names is gone: the module cache may have been cleaned.
func decodeListing(data []byte) *program {
	var kept listing
	if gob.NewDecoder(bytes.NewReader(data)).Decode(&kept) != nil {
		return nil
	}
	prog := &program{packages: make(map[string]*packages.Package, len(kept.Packages))}
	for _, p := range kept.Packages {
		pkg := &packages.Package{
			ID: p.ID, Name: p.Name, PkgPath: p.PkgPath, Dir: p.Dir, ForTest: p.ForTest,
			GoFiles: p.GoFiles, IgnoredFiles: p.IgnoredFiles,
			EmbedFiles: p.EmbedFiles, OtherFiles: p.OtherFiles,
			Imports: make(map[string]*packages.Package, len(p.Imports)),
		}
		if p.HasModule {
			pkg.Module = &packages.Module{GoVersion: p.GoVersion}
		}
		prog.packages[p.ID] = pkg
	}
	gone := inParallel(len(kept.Packages), func(i int) error {
		dir := kept.Packages[i].Dir
		if dir == "" {
			return nil
		}
		_, err := os.Stat(dir)
		return err
	})
	if gone != nil {
		return nil
	}
	for _, p := range kept.Packages {
		for path, id := range p.Imports {
			imported := prog.packages[id]
			if imported == nil {
				return nil
			}
			prog.packages[p.ID].Imports[path] = imported
		}
	}
	for _, id := range kept.Roots {
		if prog.packages[id] == nil {
			return nil
		}
		prog.roots = append(prog.roots, prog.packages[id])
	}
	return prog
}

// inParallel calls work for each number below count and returns an error of
// those that there were.
func inParallel(count int, work func(int) error) error {
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < count; i += workers {
				if err := work(i); err != nil {
					errs[w] = err
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
