package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path"
	"runtime"
	"sync"

	"golang.org/x/tools/go/packages"
)

// A node is a package on its way from files to types.
type node struct {
	*packages.Package
	imports map[string]*packages.Package // by import path
	checked bool                         // errors are wanted, so bodies are
	stored  bool                         // its types come from the store, so there is no syntax

	name        string // of the package, also where its files disagree
	syntax      []*ast.File
	parseErrors scanner.ErrorList

	needs   []*node // imported packages that matter, see neededImports
	users   []*node // the reverse
	pending int     // needs that are not type-checked yet

	types      *types.Package
	typeErrors []types.Error
}

// A loader parses the packages of a program that a check needs, each once.
type loader struct {
	prog    *program
	checked map[string]bool
	overlay map[string]string
	fset    *token.FileSet
	exports *exports // nil to read everything from source

	work  sync.WaitGroup
	slots chan struct{} // one for each package that may be parsed at a time

	mu      sync.Mutex
	nodes   map[string]*node
	missing bool // something should have been in the store and was not
}

// loadNodes parses the checked packages and, of all they depend on, as much as
// their types depend on. A dependency imports many packages only for the bodies
// of its functions; those packages are not even read. It returns nil if the
// exports lack some of them.
func loadNodes(prog *program, checked map[string]bool, overlay map[string]string, fset *token.FileSet, exports *exports) map[string]*node {
	l := &loader{
		prog:    prog,
		checked: checked,
		overlay: overlay,
		fset:    fset,
		exports: exports,
		slots:   make(chan struct{}, runtime.GOMAXPROCS(0)),
		nodes:   make(map[string]*node),
	}
	for id := range checked {
		l.want(prog.packages[id])
	}
	l.work.Wait()
	if l.missing {
		return nil
	}
	for _, n := range l.nodes {
		for _, needed := range n.needs {
			needed.users = append(needed.users, n)
		}
		n.pending = len(n.needs)
	}
	return l.nodes
}

// want returns the package's node and sees to it that it is parsed.
func (l *loader) want(pkg *packages.Package) *node {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.nodes[pkg.ID]
	if n == nil {
		n = &node{Package: pkg, imports: l.prog.imports(pkg), checked: l.checked[pkg.ID]}
		l.nodes[pkg.ID] = n
		if l.exports != nil && !l.exports.tainted[pkg.ID] {
			n.stored = l.exports.read(n)
			l.missing = l.missing || !n.stored
		} else {
			l.work.Go(func() { l.parse(n) })
		}
	}
	return n
}

func (l *loader) parse(n *node) {
	l.slots <- struct{}{}
	var needed []*packages.Package
	if n.checked {
		needed = l.parseWhole(n)
	} else {
		needed = l.parseOutline(n)
	}
	<-l.slots
	for _, pkg := range needed {
		n.needs = append(n.needs, l.want(pkg))
	}
}

// parseWhole parses a package whose errors are wanted.
func (l *loader) parseWhole(n *node) []*packages.Package {
	for _, name := range n.GoFiles {
		src, err := readSource(l.overlay, name)
		if err != nil {
			n.parseErrors.Add(token.Position{Filename: name}, err.Error())
			continue
		}
		// Without AllErrors the parser keeps the first error of a line, since the
		// others come of that, and gives up after ten lines.
		file, err := parser.ParseFile(l.fset, name, src, parser.SkipObjectResolution)
		var list scanner.ErrorList
		if errors.As(err, &list) {
			n.parseErrors = append(n.parseErrors, list...)
		}
		if file != nil {
			n.syntax = append(n.syntax, file)
		}
	}
	n.name = n.commonName()
	var needed []*packages.Package
	for importPath, pkg := range n.imports {
		if hasTypes(importPath, pkg) {
			needed = append(needed, pkg)
		}
	}
	return needed
}

// commonName returns the name in most package clauses, so that a stray one
// costs one error and not the whole package. In a tie the folder decides.
func (n *node) commonName() string {
	count := make(map[string]int)
	name := n.Name
	for _, file := range n.syntax {
		count[file.Name.Name]++
	}
	for _, file := range n.syntax {
		candidate := file.Name.Name
		if count[candidate] > count[name] || count[candidate] == count[name] && candidate == path.Base(n.PkgPath) {
			name = candidate
		}
	}
	return name
}

// parseOutline parses the declarations of a package whose errors are not
// wanted. What is wrong with it, be it that a file cannot be read, is not the
// fault of the touched files.
func (l *loader) parseOutline(n *node) []*packages.Package {
	n.name = n.Name
	for _, name := range n.GoFiles {
		src, err := readSource(l.overlay, name)
		if err != nil {
			continue
		}
		if file, _ := parser.ParseFile(l.fset, name, outline(src), parser.SkipObjectResolution); file != nil {
			n.syntax = append(n.syntax, file)
		}
	}
	trimDeclarations(n.syntax)
	return neededImports(n)
}

// hasTypes reports whether an import leads to a package that can be checked.
// The type checker has unsafe built in, and a package without a name is one
// that the go command did not find.
func hasTypes(importPath string, pkg *packages.Package) bool {
	return importPath != "unsafe" && pkg != nil && pkg.Name != ""
}

func readSource(overlay map[string]string, file string) ([]byte, error) {
	if text, ok := overlay[file]; ok {
		return []byte(text), nil
	}
	return os.ReadFile(file)
}
