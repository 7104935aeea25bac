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
	prog := lister.listProgram(req.Roots, testDirs(req.Touched))
	if err := prog.checkRoots(req); err != nil {
		return nil, err
	}
	sel, ignored := assign(prog, lister, req)
	listed := time.Now()

	fset := token.NewFileSet()
	nodes := loadNodes(prog, sel.checked, req.Overlay, fset)
	checkNodes(nodes, fset)
	found := diagnose(prog, sel, nodes, newLocator(fset, nodes), req)

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
