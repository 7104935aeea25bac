package main

import (
	"errors"
	"go/token"
	"os/exec"
	"time"
)

// verify answers a request.
func verify(req *request) (*answer, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, errors.New("there is no go command in PATH; install Go or add its bin folder to PATH")
	}
	start := time.Now()
	lister := newLister(req)
	store := store{req.Store}
	prog := lister.cachedListing(store, req)
	if err := prog.checkRoots(req); err != nil {
		return nil, err
	}
	sel, ignored := assign(prog, lister, req)
	listed := time.Now()

	fset := token.NewFileSet()
	nodes := checkSuspects(prog, sel, req, store, fset)
	found := diagnose(prog, sel, nodes, newLocator(fset, nodes), req)
	store.trim()

	return &answer{
		Schema:          schema,
		Packages:        prog.importPaths(sel.checked),
		TouchedPackages: prog.importPaths(sel.touched),
		Loaded:          len(nodes),
		Files:           sel.files,
		Ignored:         ignored,
		Errors:          found,
		Seconds:         seconds{List: listed.Sub(start).Seconds(), Check: time.Since(listed).Seconds()},
	}, nil
}

// checkSuspects checks what is not known to have nothing wrong and returns the
// nodes of all that took. What it learns it keeps for later runs.
func checkSuspects(prog *program, sel *selection, req *request, s store, fset *token.FileSet) map[string]*node {
	sel.suspects = sel.checked
	if s.dir == "" || prog.hasErrors() {
		// What is missing may be anywhere, and nothing learnt would hold for long.
		return checkFrom(prog, sel.checked, req, fset, nil)
	}
	keys := newKeys(prog, req)
	sel.suspects = suspects(prog, sel.checked, s, keys)
	nodes := checkFrom(prog, sel.suspects, req, fset, newExports(s, keys, sel.suspects, fset))
	if nodes == nil {
		nodes = checkFrom(prog, sel.suspects, req, fset, nil)
	}
	if len(sel.suspects) < len(sel.checked) && hasSyntaxError(nodes) {
		// A file that does not parse may lack declarations that its outline has.
		sel.suspects = sel.checked
		nodes = checkFrom(prog, sel.checked, req, fset, nil)
	}
	keep(s, keys, nodes, fset)
	return nodes
}

// checkFrom reads from the exports what they have, and returns nil if they lack
// something. Without exports it reads everything from source.
func checkFrom(prog *program, checked map[string]bool, req *request, fset *token.FileSet, e *exports) map[string]*node {
	nodes := loadNodes(prog, checked, req.Overlay, fset, e)
	checkNodes(nodes, fset)
	return nodes
}

// suspects returns the checked packages that may have something wrong.
func suspects(prog *program, checked map[string]bool, s store, k *keys) map[string]bool {
	found := make(map[string]bool)
	for id := range checked {
		key := k.whole(prog.packages[id])
		if key == "" || !s.has(kindClean, key) {
			found[id] = true
		}
	}
	return found
}

func hasSyntaxError(nodes map[string]*node) bool {
	for _, n := range nodes {
		if len(n.parseErrors) > 0 {
			return true
		}
	}
	return false
}

// assign finds a package or a reason for each touched file. The folders of
// files that are in no root, such as those of a module beside it, are listed
// only if there are any: it takes another run of the go command.
func assign(prog *program, lister *lister, req *request) (*selection, []ignoredFile) {
	config := newBuildConfig(req.Overlay)
	ignored := []ignoredFile{}
	sel := selectPackages(prog, req.Touched)
	var stray []string
	for _, file := range req.Touched {
		if _, ok := sel.files[file]; ok {
			continue
		}
		if reason := config.exclusion(file); reason != "" {
			ignored = append(ignored, ignoredFile{File: file, Reason: reason})
		} else {
			stray = append(stray, file)
		}
	}
	if len(stray) == 0 || len(prog.problems) > 0 && len(prog.packages) == 0 {
		return sel, ignored
	}
	folders := lister.listFolders(prog, dirsOf(stray))
	sel = selectPackages(prog, req.Touched)
	for _, file := range stray {
		if _, ok := sel.files[file]; !ok {
			ignored = append(ignored, ignoredFile{File: file, Reason: noPackage(file, folders)})
		}
	}
	return sel, ignored
}
