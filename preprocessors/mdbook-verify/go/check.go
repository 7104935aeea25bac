package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/tools/go/packages"
)

// checkNodes type-checks the nodes, dependencies first and as many at a time as
// there are processors.
func checkNodes(nodes map[string]*node, fset *token.FileSet) {
	// The buffer takes all nodes, so that no worker ever waits for another to
	// take over what it made ready.
	ready := make(chan *node, len(nodes))
	for _, n := range nodes {
		if n.pending == 0 {
			ready <- n
		}
	}
	c := &checker{fset: fset, sizes: types.SizesFor("gc", build.Default.GOARCH), nodes: nodes, ready: ready, left: len(nodes)}
	if c.left == 0 {
		return
	}
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for n := range ready {
				c.check(n)
				c.finish(n)
			}
		})
	}
	workers.Wait()
}

type checker struct {
	fset  *token.FileSet
	sizes types.Sizes
	nodes map[string]*node
	ready chan *node

	mu   sync.Mutex
	left int // nodes not finished
}

// finish makes the nodes ready that waited only for n.
func (c *checker) finish(n *node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, user := range n.users {
		if user.pending--; user.pending == 0 {
			c.ready <- user
		}
	}
	if c.left--; c.left == 0 {
		close(c.ready)
	}
}

func (c *checker) check(n *node) {
	if n.stored {
		return
	}
	config := &types.Config{
		GoVersion:        goVersion(n.Package),
		Importer:         importer{c.nodes, n},
		Sizes:            c.sizes,
		FakeImportC:      true,
		IgnoreFuncBodies: !n.checked,
		Error:            n.record,
	}
	n.types = types.NewPackage(n.PkgPath, n.name)
	// Every error goes to record.
	_ = types.NewChecker(config, c.fset, n.types, nil).Files(n.filesOfOnePackage())
	if !n.checked {
		n.syntax = nil // only errors need it from here on
	}
}

// filesOfOnePackage returns the files as if their package clauses agreed. The
// type checker would leave out a file with another one, and the go command has
// complained already.
func (n *node) filesOfOnePackage() []*ast.File {
	files := slices.Clone(n.syntax)
	for i, file := range files {
		if file.Name.Name != n.name {
			renamed := *file
			renamed.Name = &ast.Ident{NamePos: file.Name.NamePos, Name: n.name}
			files[i] = &renamed
		}
	}
	return files
}

// record keeps an error. Only those of checked packages are ever looked at.
func (n *node) record(err error) {
	var typeError types.Error
	if errors.As(err, &typeError) {
		n.typeErrors = append(n.typeErrors, typeError)
	}
}

// goVersion returns the language version of a package, "" for the newest.
func goVersion(pkg *packages.Package) string {
	if pkg.Module == nil || pkg.Module.GoVersion == "" {
		return ""
	}
	return "go" + pkg.Module.GoVersion
}

// An importer finds the packages that one node imports.
type importer struct {
	nodes map[string]*node
	user  *node
}

func (imp importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg := imp.user.imports[path]; pkg != nil {
		if n := imp.nodes[pkg.ID]; n != nil {
			return n.types, nil
		}
	}
	// The go command's own error about this import says more.
	return nil, fmt.Errorf("the go command found no package %s", path)
}
