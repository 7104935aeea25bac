//go:build edition_main

package main

import (
	"path/filepath"
	"strings"

	"github.com/openimsdk/open-im-server/v3/pkg/common/config"
)

// tag is that of the configuration's fields.
const tag = config.StructTagName

// prefixes is the file that gives each YAML file the prefix of its environment variables.
const prefixes = "pkg/common/config/env.go"

// fileName is what the service's own file is called.
func fileName() string {
	return config.OpenIMRPCAuthServiceCfgFileName
}

func prefix(name string) string {
	return config.EnvPrefixMap[name]
}

// loadFile reads a file as the server does.
func loadFile(file string, into any) error {
	name := filepath.Base(file)
	return config.Load(filepath.Dir(file), name, prefix(name), into)
}

// share judges nothing: the names of services stand elsewhere.
func share(d *document) {
	load[config.Share](d)
}

// discovery judges where services are looked up, and the names under which they register. Here each
// is made from its key: authService becomes auth-service-rpc-service.
func discovery(d *document) {
	c, ok := load[config.Discovery](d)
	if !ok {
		return
	}
	etcd(d, c)
	registerNames(d, "rpcService", c.RpcService, func(key string) string {
		if key == "messageGateway" {
			return "messagegateway-rpc-service"
		}
		var name strings.Builder
		for _, letter := range key {
			if 'A' <= letter && letter <= 'Z' {
				name.WriteByte('-')
			}
			name.WriteRune(letter)
		}
		return strings.ToLower(name.String()) + "-rpc-service"
	})
}
