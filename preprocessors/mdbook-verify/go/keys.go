package main

import (
	"maps"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/packages"
)

// keys tell when a package is as it was in an earlier run. Where a folder stands
// for its content, in the module cache and in Go's installation, they take the
// folder, elsewhere the text.
type keys struct {
	prog    *program
	places  places
	overlay map[string]string

	outlines map[string]string // by ID; "" while it is being made, or if it cannot be
}

func newKeys(prog *program, req *request) *keys {
	return &keys{prog: prog, places: newPlaces(prog, req.Dir), overlay: req.Overlay, outlines: make(map[string]string)}
}

// outline returns a key of all that the types of a package depend on: its
// declarations without the bodies of functions, and the same of all it imports.
// It is "" for a package that imports itself or cannot be read.
func (k *keys) outline(pkg *packages.Package) string {
	if key, known := k.outlines[pkg.ID]; known {
		return key
	}
	k.outlines[pkg.ID] = ""
	d := newDigest()
	d.add(pkg.PkgPath, pkg.ForTest, pkg.Name, goVersion(pkg))
	if k.places.isImmutable(pkg.Dir) {
		d.add(pkg.Dir)
		d.add(pkg.GoFiles...)
	} else {
		for _, name := range pkg.GoFiles {
			src, err := readSource(k.overlay, name)
			if err != nil {
				return ""
			}
			d.add(filepath.Base(name), string(outline(src)))
		}
	}
	imports := k.prog.imports(pkg)
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		imported := imports[path]
		if !hasTypes(path, imported) {
			d.add(path, "no types")
			continue
		}
		key := k.outline(imported)
		if key == "" {
			return ""
		}
		d.add(path, key)
	}
	k.outlines[pkg.ID] = d.key()
	return k.outlines[pkg.ID]
}

// whole returns a key of all that the errors of a package depend on: its text
// and the types of what it imports.
func (k *keys) whole(pkg *packages.Package) string {
	key := k.outline(pkg)
	if key == "" {
		return ""
	}
	d := newDigest()
	d.add(key)
	for _, name := range pkg.GoFiles {
		src, err := readSource(k.overlay, name)
		if err != nil {
			return ""
		}
		d.add(string(src))
	}
	return d.key()
}
