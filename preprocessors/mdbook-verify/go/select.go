package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A selection is the part of a program that has to be checked. Its sets hold
// package IDs, since a package and its test variants share an import path.
type selection struct {
	touched  map[string]bool
	checked  map[string]bool   // touched and dependents
	suspects map[string]bool   // the checked ones that are not known to have nothing wrong
	files    map[string]string // touched file to import path
}

// selectPackages finds the packages that hold the touched files and the roots
// that depend on them.
func selectPackages(prog *program, touched []string) *selection {
	sel := &selection{
		touched: make(map[string]bool),
		checked: make(map[string]bool),
		files:   make(map[string]string),
	}
	sel.findTouched(prog, touched)
	dependents := dependents(prog, sel.touched)
	for _, pkg := range prog.roots {
		if dependents[pkg.ID] {
			sel.checked[pkg.ID] = true
		}
	}
	for id := range dependents {
		if sel.touched[id] || isSiblingVariant(prog.packages[id], prog, sel.touched) {
			sel.checked[id] = true
		}
	}
	return sel
}

// findTouched finds the packages of the touched files. A test variant counts
// only for its test files: the others belong to the package proper.
func (sel *selection) findTouched(prog *program, touched []string) {
	wanted := make(map[string]bool, len(touched))
	for _, file := range touched {
		wanted[file] = true
	}
	for _, pkg := range prog.packages {
		for _, file := range pkg.GoFiles {
			if wanted[file] && isTestFile(file) == (pkg.ForTest != "") {
				sel.touched[pkg.ID] = true
				sel.files[file] = pkg.PkgPath
			}
		}
	}
}

// dependents returns the IDs of the packages in ids and of all that import
// them, directly or not.
func dependents(prog *program, ids map[string]bool) map[string]bool {
	importers := make(map[string][]string)
	for _, pkg := range prog.packages {
		for _, imported := range pkg.Imports {
			importers[imported.ID] = append(importers[imported.ID], pkg.ID)
		}
	}
	return reach(maps.Keys(ids), func(id string) []string { return importers[id] })
}

// isSiblingVariant reports whether pkg tests the same package as a touched test
// file and so may use what that file declares. The generated main package of a
// test, which has no ForTest, is nobody's text.
func isSiblingVariant(pkg *packages.Package, prog *program, touched map[string]bool) bool {
	if pkg.ForTest == "" || !slices.ContainsFunc(pkg.GoFiles, isTestFile) {
		return false
	}
	for id := range touched {
		if prog.packages[id].ForTest == pkg.ForTest {
			return true
		}
	}
	return false
}

// importPaths returns the sorted import paths of the packages with these IDs.
func (prog *program) importPaths(ids map[string]bool) []string {
	paths := []string{}
	for id := range ids {
		paths = append(paths, prog.packages[id].PkgPath)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// testDirs returns the folders of the test files among files.
func testDirs(files []string) []string {
	return dirsOf(slices.DeleteFunc(slices.Clone(files), func(file string) bool { return !isTestFile(file) }))
}

// dirsOf returns the folders of files, sorted and each once.
func dirsOf(files []string) []string {
	var dirs []string
	for _, file := range files {
		dirs = append(dirs, filepath.Dir(file))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

func isTestFile(file string) bool { return strings.HasSuffix(file, "_test.go") }
