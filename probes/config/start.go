package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"
)

// startList is what gomake's mageutil reads start-config.yml into. Its own type cannot be used: to
// import that package makes folders.
type startList struct {
	ServiceBinaries    map[string]int `yaml:"serviceBinaries"`
	ToolBinaries       []string       `yaml:"toolBinaries"`
	MaxFileDescriptors int            `yaml:"maxFileDescriptors"`
}

// startConfig judges the list of binaries that `mage start` starts.
func startConfig(d *document) {
	d.exact("yaml", &startList{})
	var list startList
	if len(d.found) > 0 {
		return
	}
	if err := yaml.Unmarshal(d.text, &list); err != nil {
		d.add(finding{Message: fmt.Sprintf("mage cannot load this: %v", err)})
		return
	}
	services := programs("cmd")
	for name, count := range list.ServiceBinaries {
		at := []any{"serviceBinaries", name}
		if !slices.Contains(services, name) {
			d.add(finding{
				Message: fmt.Sprintf("no folder below cmd/ is called %s, so mage builds no such binary", name),
				Path:    at,
				Key:     true,
				Known:   services,
			})
			continue
		}
		if count < 1 {
			d.add(finding{Message: fmt.Sprintf("%d instances are none", count), Path: at})
		}
		if ports, ok := rpcPorts(name); ok && count > ports {
			d.add(finding{
				Message: fmt.Sprintf("config/%s.yml has ports for %d instances, not for %d", name, ports, count),
				Path:    at,
			})
		}
	}
	tools := programs("tools")
	for i, name := range list.ToolBinaries {
		if !slices.Contains(tools, name) {
			d.add(finding{
				Message: fmt.Sprintf("no folder below tools/ is called %s", name),
				Path:    []any{"toolBinaries", i},
			})
		}
	}
}

// programs returns the names of the folders below root that hold a main.go.
func programs(root string) []string {
	var names []string
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() == "main.go" {
			names = append(names, filepath.Base(filepath.Dir(path)))
		}
		return nil
	})
	return names
}

// rpcPorts returns how many instances a service's own file has ports for.
func rpcPorts(name string) (int, bool) {
	text, err := os.ReadFile(filepath.Join("config", name+".yml"))
	var file struct {
		RPC struct {
			Ports []int `yaml:"ports"`
		} `yaml:"rpc"`
	}
	if err != nil || yaml.Unmarshal(text, &file) != nil || len(file.RPC.Ports) == 0 {
		return 0, false
	}
	return len(file.RPC.Ports), true
}
