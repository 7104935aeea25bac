package main

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"

	"golang.org/x/tools/go/packages"
)

// trimDeclarations removes from the files of a dependency what cannot matter to
// the packages that import it: variables named _, values that the types of
// variables do not depend on, and functions that nothing can refer to.
func trimDeclarations(files []*ast.File) {
	for _, file := range files {
		removeSpecs(file, isBlankVariable)
		for _, decl := range file.Decls {
			if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.VAR {
				trimValues(gen)
			}
		}
	}
	mentioned := mentionedNames(files)
	for _, file := range files {
		file.Decls = slices.DeleteFunc(file.Decls, func(decl ast.Decl) bool {
			fn, ok := decl.(*ast.FuncDecl)
			return ok && fn.Recv == nil && !fn.Name.IsExported() && !mentioned[fn.Name.Name]
		})
	}
}

// isBlankVariable recognizes variables that are all named _. Constants of that
// name stay: they count for iota.
func isBlankVariable(gen *ast.GenDecl, spec ast.Spec) bool {
	return gen.Tok == token.VAR &&
		!slices.ContainsFunc(spec.(*ast.ValueSpec).Names, func(name *ast.Ident) bool { return name.Name != "_" })
}

// trimValues removes what says nothing about a variable's type: its value if
// the type is written down, and else the elements of composite literals, which
// may be tables of thousands. Only [...]T needs its elements: they tell its
// length.
func trimValues(gen *ast.GenDecl) {
	for _, spec := range gen.Specs {
		spec := spec.(*ast.ValueSpec)
		if spec.Type != nil {
			spec.Values = nil
		}
		for _, value := range spec.Values {
			inspectTypes(value, func(n ast.Node) {
				if lit, ok := n.(*ast.CompositeLit); ok && !hasOpenLength(lit.Type) {
					lit.Elts = nil
				}
			})
		}
	}
}

// hasOpenLength reports whether a literal's type is [...]T or not written down,
// as in the elements of such an array.
func hasOpenLength(typ ast.Expr) bool {
	array, ok := typ.(*ast.ArrayType)
	if !ok {
		return typ == nil
	}
	_, ok = array.Len.(*ast.Ellipsis)
	return ok
}

// mentionedNames returns all names that the types and values of the files
// mention. A value of inferred type may call a function that is not exported.
func mentionedNames(files []*ast.File) map[string]bool {
	names := make(map[string]bool)
	for _, file := range files {
		for _, decl := range file.Decls {
			if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok != token.IMPORT {
				inspectTypes(gen, func(n ast.Node) {
					if id, ok := n.(*ast.Ident); ok {
						names[id.Name] = true
					}
				})
			}
		}
	}
	return names
}

// neededImports returns the imported packages that the declarations of a
// dependency refer to, and removes the other imports from its files.
func neededImports(n *node) []*packages.Package {
	needed := make(map[*packages.Package]bool)
	for _, file := range n.syntax {
		qualifiers := qualifiers(file)
		removeSpecs(file, func(gen *ast.GenDecl, spec ast.Spec) bool {
			if gen.Tok != token.IMPORT {
				return false
			}
			pkg, used := n.usedImport(spec.(*ast.ImportSpec), qualifiers)
			if pkg != nil {
				needed[pkg] = true
			}
			return !used
		})
	}
	pkgs := make([]*packages.Package, 0, len(needed))
	for pkg := range needed {
		pkgs = append(pkgs, pkg)
	}
	return pkgs
}

// usedImport reports whether a file with these qualifiers may refer to what
// spec imports, and returns the package if there is one to check for it.
func (n *node) usedImport(spec *ast.ImportSpec, qualifiers map[string]bool) (*packages.Package, bool) {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return nil, false
	}
	pkg := n.imports[path]
	if !mayRefer(spec, pkg, qualifiers) {
		return nil, false
	}
	if !hasTypes(path, pkg) {
		return nil, true
	}
	return pkg, true
}

// mayRefer compares the name of an import with the qualifiers of its file. A
// dot import may be behind any name at all.
func mayRefer(spec *ast.ImportSpec, pkg *packages.Package, qualifiers map[string]bool) bool {
	switch {
	case spec.Name != nil && spec.Name.Name == "_":
		return false
	case spec.Name != nil && spec.Name.Name == ".":
		return true
	case spec.Name != nil:
		return qualifiers[spec.Name.Name]
	case pkg == nil || pkg.Name == "":
		return true // its name is not known, unsafe among them
	}
	return qualifiers[pkg.Name]
}

// qualifiers returns the names before a dot in the declarations of a file.
func qualifiers(file *ast.File) map[string]bool {
	names := make(map[string]bool)
	for _, decl := range file.Decls {
		inspectTypes(decl, func(n ast.Node) {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok {
					names[id.Name] = true
				}
			}
		})
	}
	return names
}

// inspectTypes calls visit for the nodes under root except those in bodies of
// function literals: the type of a literal is written before its body.
func inspectTypes(root ast.Node, visit func(ast.Node)) {
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			return false
		}
		visit(n)
		if lit, ok := n.(*ast.FuncLit); ok {
			inspectTypes(lit.Type, visit)
			return false
		}
		return true
	})
}

// removeSpecs removes specifications, and with them the declarations that become
// empty: the type checker does not expect those.
func removeSpecs(file *ast.File, remove func(*ast.GenDecl, ast.Spec) bool) {
	file.Decls = slices.DeleteFunc(file.Decls, func(decl ast.Decl) bool {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			return false
		}
		gen.Specs = slices.DeleteFunc(gen.Specs, func(spec ast.Spec) bool { return remove(gen, spec) })
		return len(gen.Specs) == 0
	})
}
