package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"
)

// metadata is all that the checker needs of the go command: which files and
// imports each package has. Asking for types as well would have the go command
// compute the build's cache keys, which costs more than the whole listing.
const metadata = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps |
	packages.NeedModule | packages.NeedEmbedFiles | packages.NeedForTest

// A program is the import graph that the go command found. Imports of its
// packages are followed by ID, see imports: two listings may describe the same
// package with two values.
type program struct {
	packages map[string]*packages.Package // by ID
	roots    []*packages.Package          // matched by the request's roots
	problems []diagnostic                 // of the listing as a whole
}

// A lister asks the go command about packages.
type lister struct {
	dir     string
	overlay map[string][]byte
}

func newLister(req *request) *lister {
	l := &lister{dir: req.Dir, overlay: make(map[string][]byte, len(req.Overlay))}
	for file, text := range req.Overlay {
		l.overlay[file] = []byte(text)
	}
	return l
}

// listProgram lists the roots with all they import, and beside it the test
// variants of the folders of touched test files. Test variants of all roots
// would bring in the dependencies of tests that nobody touched.
func (l *lister) listProgram(roots, testDirs []string) *program {
	var main, tests []*packages.Package
	var mainErr, testsErr error
	var wg sync.WaitGroup
	wg.Go(func() { main, mainErr = l.load(roots, false) })
	if len(testDirs) > 0 {
		wg.Go(func() { tests, testsErr = l.load(testDirs, true) })
	}
	wg.Wait()

	prog := &program{packages: make(map[string]*packages.Package), roots: main}
	prog.add(main, mainErr, l.dir)
	if mainErr == nil { // both would fail for the same reason
		prog.add(tests, testsErr, l.dir)
	}
	return prog
}

// listFolders adds the packages of folders that the roots do not match, and
// returns them.
func (l *lister) listFolders(prog *program, dirs []string) []*packages.Package {
	pkgs, err := l.load(dirs, false)
	prog.add(pkgs, err, l.dir)
	return pkgs
}

func (l *lister) load(patterns []string, tests bool) ([]*packages.Package, error) {
	return packages.Load(&packages.Config{Mode: metadata, Dir: l.dir, Overlay: l.overlay, Tests: tests}, patterns...)
}

// add takes over the packages of a listing, or the reason why there are none.
func (prog *program) add(pkgs []*packages.Package, err error, dir string) {
	if err != nil {
		prog.problems = append(prog.problems, listingProblem(err, dir))
		return
	}
	for pkg := range packages.Postorder(pkgs) {
		if prog.packages[pkg.ID] == nil {
			prog.packages[pkg.ID] = pkg
		}
	}
}

// listingProblem describes a go command that listed nothing, for instance
// because of an error in go.mod. Only its text may tell the place.
func listingProblem(err error, dir string) diagnostic {
	msg := err.Error()
	if _, stderr, found := strings.Cut(msg, "stderr: "); found {
		msg = stderr
	}
	msg = strings.TrimSpace(msg)
	return diagnostic{Kind: kindList, place: placeInText(dir, msg), Message: msg}
}

// hasErrors reports whether the go command complained of anything.
func (prog *program) hasErrors() bool {
	for _, pkg := range prog.packages {
		if len(pkg.Errors) > 0 {
			return true
		}
	}
	return len(prog.problems) > 0
}

// imports returns the packages that pkg imports, by import path.
func (prog *program) imports(pkg *packages.Package) map[string]*packages.Package {
	imports := make(map[string]*packages.Package, len(pkg.Imports))
	for path, imported := range pkg.Imports {
		imports[path] = prog.packages[imported.ID]
	}
	return imports
}

// isPhantom reports whether pkg only stands for a pattern that matched nothing.
func isPhantom(pkg *packages.Package) bool {
	return len(pkg.Errors) > 0 && len(pkg.GoFiles) == 0 && len(pkg.IgnoredFiles) == 0
}

// checkRoots returns an error if the roots match nothing at all, and notes
// each single one that matches nothing.
func (prog *program) checkRoots(req *request) error {
	if len(prog.problems) > 0 {
		return nil // said already
	}
	var complaints []string
	matched := false
	for _, pkg := range prog.roots {
		if !isPhantom(pkg) {
			matched = true
			continue
		}
		for _, e := range pkg.Errors {
			complaints = append(complaints, e.Msg)
		}
	}
	for _, pattern := range req.Roots {
		if prog.matchesNothing(req.Dir, pattern) {
			complaints = append(complaints, fmt.Sprintf("the pattern %s matches no package", pattern))
		}
	}
	if !matched {
		return fmt.Errorf("roots %q match no package in %s (%s); correct the patterns or dir",
			req.Roots, req.Dir, strings.Join(complaints, "; "))
	}
	for _, complaint := range complaints {
		prog.problems = append(prog.problems, diagnostic{Kind: kindList, place: placeInText(req.Dir, complaint), Message: complaint})
	}
	return nil
}

// matchesNothing finds patterns in vain that the go command only warns about:
// those that end in "..." and name an existing folder. Every other one has a
// package of its own that says so.
func (prog *program) matchesNothing(dir, pattern string) bool {
	prefix, isTree := strings.CutSuffix(pattern, "/...")
	if !isTree || strings.Contains(prefix, "...") {
		return false
	}
	isPath := prefix == "." || prefix == ".." || strings.HasPrefix(prefix, "./") || strings.HasPrefix(prefix, "../")
	if isPath {
		prefix = filepath.Join(dir, prefix)
	}
	for _, pkg := range prog.roots {
		name := pkg.PkgPath
		if isPath || filepath.IsAbs(prefix) {
			name = pkg.Dir
		}
		if name == prefix || strings.HasPrefix(name, strings.TrimSuffix(prefix, "/")+"/") || pkg.PkgPath == pattern {
			return false
		}
	}
	return true
}
