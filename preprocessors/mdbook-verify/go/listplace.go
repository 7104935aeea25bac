package main

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// isClauseMismatch recognizes the error of a folder with two packages.
func isClauseMismatch(message string) bool { return strings.HasPrefix(message, "found packages ") }

// clausePlace returns the first package clause that differs from the others.
func (d *diagnosis) clausePlace(pkg *packages.Package) place {
	n := d.nodes[pkg.ID]
	if n == nil {
		return place{}
	}
	for _, file := range n.syntax {
		if file.Name.Name != n.name {
			return d.loc.at(file.Name.Pos(), file.Name.End())
		}
	}
	return place{}
}

// importCycle is how the error begins; go/packages appends ": import stack: "
// and the import paths in brackets.
const importCycle = "import cycle not allowed"

// cyclePlace returns an import that closes the cycle, in a touched file if
// there is one: without it there was no cycle.
func (d *diagnosis) cyclePlace(message string) place {
	_, stack, _ := strings.Cut(message, "[")
	paths := strings.Fields(strings.TrimSuffix(stack, "]"))
	var suspect *ast.ImportSpec
	for i := range len(paths) - 1 {
		n := d.nodes[paths[i]]
		if n == nil {
			continue
		}
		for _, file := range n.syntax {
			spec := importOf(file, paths[i+1])
			if spec == nil {
				continue
			}
			if d.isTouched(file) {
				return d.loc.at(spec.Path.Pos(), spec.Path.End())
			}
			suspect = spec
		}
	}
	if suspect == nil {
		return place{}
	}
	return d.loc.at(suspect.Path.Pos(), suspect.Path.End())
}

// importOf returns the file's import of path, or nil.
func importOf(file *ast.File, path string) *ast.ImportSpec {
	for _, spec := range file.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil && imported == path {
			return spec
		}
	}
	return nil
}

func (d *diagnosis) isTouched(file *ast.File) bool {
	return slices.Contains(d.touched, d.loc.fset.File(file.FileStart).Name())
}
