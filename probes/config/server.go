package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strconv"

	"github.com/openimsdk/open-im-server/v3/pkg/common/config"
	"gopkg.in/yaml.v3"
)

// authService judges the guide's own file.
func authService(d *document) {
	c, ok := load[config.AuthService](d)
	if !ok {
		return
	}
	if name := filepath.Base(d.path); name != fileName() {
		d.add(finding{Message: fmt.Sprintf("the service looks for a file %s", fileName())})
	} else if prefix(name) == "" {
		d.add(finding{
			Message: "the server has no prefix for the environment variables of this file",
			Help:    "add its name to the list in " + prefixes + "; without it RPC_PORTS and others count as they are",
		})
	}
	automatic, known := autoSetPorts(c)
	registerIP := net.ParseIP(c.RPC.RegisterIP)
	// Where ports can be automatic, a blank address is looked up as well.
	ownAddress := known && c.RPC.RegisterIP == ""
	if (registerIP == nil || registerIP.IsUnspecified()) && !ownAddress {
		d.add(finding{
			Message: "no other process can dial this address; it is published as it stands here",
			Path:    []any{"rpc", "registerIP"},
		})
	}
	if ip := c.RPC.ListenIP; ip != "" && net.ParseIP(ip) == nil {
		d.add(finding{Message: "this is no IP address to listen on", Path: []any{"rpc", "listenIP"}})
	}
	if automatic {
		unused(d, "rpc", c.RPC.Ports)
		unused(d, "prometheus", c.Prometheus.Ports)
		return
	}
	taken := portsOfOthers(d.path)
	ports(d, "rpc", c.RPC.Ports, taken)
	ports(d, "prometheus", c.Prometheus.Ports, taken)
	if c.Prometheus.Enable && len(c.Prometheus.Ports) != len(c.RPC.Ports) {
		d.add(finding{
			Message: fmt.Sprintf("rpc.ports has %d entries and prometheus.ports %d; instance -i N takes entry N of both",
				len(c.RPC.Ports), len(c.Prometheus.Ports)),
			Path: []any{"prometheus", "ports"},
		})
	}
}

// autoSetPorts says whether ports are chosen by the system, and whether this version can do that.
func autoSetPorts(c *config.AuthService) (automatic, known bool) {
	field := reflect.ValueOf(c.RPC).FieldByName("AutoSetPorts")
	return field.IsValid() && field.Bool(), field.IsValid()
}

// unused judges a list of ports that nobody reads.
func unused(d *document, part string, ports []int) {
	if len(ports) > 0 {
		d.add(finding{
			Message: "with autoSetPorts these ports are not used",
			Path:    []any{part, "ports"},
		})
	}
}

// ports judges a list of ports, and enters them as taken.
func ports(d *document, part string, ports []int, taken map[int]string) {
	if len(ports) == 0 {
		d.add(finding{Message: "without a port no instance starts", Path: []any{part, "ports"}})
	}
	for i, port := range ports {
		at := []any{part, "ports", i}
		switch owner, clash := taken[port]; {
		case port < 1 || port > 65535:
			d.add(finding{Message: fmt.Sprintf("%d is no port", port), Path: at})
		case clash:
			d.add(finding{Message: fmt.Sprintf("the port %d is taken by %s", port, owner), Path: at})
		}
		taken[port] = filepath.Base(d.path)
	}
}

// portsOfOthers collects the ports that the other configuration files give away.
func portsOfOthers(own string) map[int]string {
	taken := make(map[int]string)
	files, _ := filepath.Glob("config/*.yml")
	for _, file := range files {
		text, err := os.ReadFile(file)
		var root yaml.Node
		if err != nil || filepath.Clean(file) == filepath.Clean(own) || yaml.Unmarshal(text, &root) != nil {
			continue
		}
		for _, list := range portLists(&root) {
			for _, item := range list.Content {
				if port, err := strconv.Atoi(item.Value); err == nil {
					taken[port] = filepath.Base(file)
				}
			}
		}
	}
	return taken
}

// portLists returns the values of all keys "ports" that are lists.
func portLists(node *yaml.Node) []*yaml.Node {
	var lists []*yaml.Node
	for i, child := range node.Content {
		isValue := node.Kind == yaml.MappingNode && i%2 == 1
		if isValue && node.Content[i-1].Value == "ports" && child.Kind == yaml.SequenceNode {
			lists = append(lists, child)
		}
		lists = append(lists, portLists(child)...)
	}
	return lists
}

// registerNames judges the names under which services register: a struct with one for each key.
func registerNames(d *document, part string, services any, wanted func(key string) string) {
	names := reflect.ValueOf(services)
	for i := range names.NumField() {
		key := names.Type().Field(i).Tag.Get(tag)
		name := names.Field(i).String()
		at := []any{part, key}
		switch {
		case name == "":
			d.add(finding{
				Message: fmt.Sprintf("%s.%s is empty, so the service registers without a name", part, key),
				Path:    at,
			})
		case name != wanted(key):
			d.add(finding{
				Message: "this is not the name that this edition makes from the key, and the guide says another one",
				Help:    "write " + wanted(key),
				Path:    at,
			})
		}
	}
}

// etcd judges where services are looked up.
func etcd(d *document, c *config.Discovery) {
	if c.Enable != "etcd" {
		d.add(finding{Message: "the guide's services are found through etcd", Path: []any{"enable"}})
	}
	if c.Etcd.RootDirectory == "" {
		d.add(finding{Message: "etcd's keys need a first part", Path: []any{"etcd", "rootDirectory"}})
	}
	for i, address := range c.Etcd.Address {
		_, port, err := net.SplitHostPort(address)
		if number, notNumber := strconv.Atoi(port); err != nil || notNumber != nil || number < 1 || number > 65535 {
			d.add(finding{Message: "this is no host:port", Path: []any{"etcd", "address", i}})
		}
	}
}
