package main

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

const (
	kindClean  = "clean"  // a package in which nothing is wrong, by keys.whole
	kindExport = "export" // the types of a package, by keys.outline
)

// exports are the types of packages that an earlier run checked. Reading them
// costs a fraction of reading source: only what is referred to is decoded.
type exports struct {
	store store
	keys  *keys
	// tainted are the packages that may not be read from the store, since they
	// depend on one that is checked: a type must not exist twice.
	tainted map[string]bool

	fset  *token.FileSet
	known map[string]*types.Package // by path, also those only referred to
}

func newExports(s store, k *keys, suspects map[string]bool, fset *token.FileSet) *exports {
	return &exports{
		store:   s,
		keys:    k,
		tainted: dependents(k.prog, suspects),
		fset:    fset,
		known:   make(map[string]*types.Package),
	}
}

// read gives a node the types that are kept for it and reports whether there
// were any. Only one node may be read at a time.
func (e *exports) read(n *node) bool {
	key := exportKey(e.keys, n.Package)
	if key == "" {
		return false
	}
	data, ok := e.store.read(kindExport, key)
	if !ok {
		return false
	}
	pkg, err := gcexportdata.Read(bytes.NewReader(data), e.fset, e.known, n.PkgPath)
	if err != nil {
		return false
	}
	n.types = pkg
	return true
}

// keep keeps the types of what the checked nodes import and of themselves, and
// notes which of them have nothing wrong.
func keep(s store, k *keys, nodes map[string]*node, fset *token.FileSet) {
	wanted := make(map[*node]bool)
	for _, n := range nodes {
		if !n.checked {
			continue
		}
		for _, needed := range n.needs {
			// What is wrong with the outline of a dependency is part of its types; with
			// a checked package, dependents are told of it.
			if !needed.checked && !needed.stored {
				wanted[needed] = true
			}
		}
		if len(n.parseErrors)+len(n.typeErrors) == 0 {
			wanted[n] = true
			if key := k.whole(n.Package); key != "" && !s.has(kindClean, key) {
				s.write(kindClean, key, nil)
			}
		}
	}
	var work []*node
	for n := range wanted {
		key := exportKey(k, n.Package)
		if key != "" && !s.has(kindExport, key) {
			work = append(work, n)
		}
	}
	_ = inParallel(len(work), func(i int) error {
		if data, err := export(work[i].types, fset); err == nil {
			s.write(kindExport, k.outlines[work[i].ID], data)
		}
		return nil
	})
}

// exportKey returns "" for a package that is not kept. One under test has the
// path of the package proper, and only one of them can be read.
func exportKey(k *keys, pkg *packages.Package) string {
	if pkg.ForTest != "" {
		return ""
	}
	return k.outline(pkg)
}

// export encodes the types of a package. The encoder was made for packages
// without errors and may panic over another one.
func export(pkg *types.Package, fset *token.FileSet) (encoded []byte, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%s cannot be encoded: %v", pkg.Path(), problem)
		}
	}()
	var data bytes.Buffer
	err = gcexportdata.Write(&data, fset, pkg)
	return data.Bytes(), err
}
